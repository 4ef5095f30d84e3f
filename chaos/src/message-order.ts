import type { Read } from './kafka.clusters.js';

/** What must come of each key, in order: the id of each message, and what it says. */
export type Wanted = ReadonlyMap<string, readonly { readonly id: string; readonly value: string }[]>;

/**
 * Every wanted message is there, those of a key in order at their first coming; what comes again has the same id and the same
 * bytes; nothing else is there.
 */
export const compareMessages = (read: readonly Read[], wanted: Wanted): { complaints: string[]; again: number } => {
  const complaints: string[] = [];
  const places = new Map([...wanted].map(([key, all]) => [key, new Map(all.map(({ id, value }, place) => [id, { place, value }]))]));
  const next = new Map<string, number>();
  let again = 0;
  for (const { key, value, headers, partition, offset } of read) {
    const found = places.get(key)?.get(headers['ce_id'] ?? '');
    const due = next.get(key) ?? 0;
    const name = `${key}, message at ${partition}/${offset}`;
    if (!found) complaints.push(`${name}: nobody has sent this id`);
    else if (found.value !== value) complaints.push(`${name}: says ${value} in place of ${found.value}`);
    else if (found.place > due) complaints.push(`${name}: number ${found.place} comes where ${due} is due`);
    else if (found.place < due) again++;
    else next.set(key, due + 1);
  }
  for (const [key, all] of wanted) if ((next.get(key) ?? 0) < all.length) complaints.push(`${key}: ${all.length - (next.get(key) ?? 0)} messages are missing at the end`);
  return { complaints, again };
};
