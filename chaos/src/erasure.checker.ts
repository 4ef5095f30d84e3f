import { createDecipheriv } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { START, type StoredEvent } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import { SqliteEventStore } from '@kendt/sqlite';
import type { Checked, Fact } from './scenario.js';
import { closeKeyRows, type KeyRow, keyRows } from './wrapped-keys.js';

/** What an erasure destroys; `evidence` stays. */
export const erasedGroups: readonly DataGroup[] = ['contact', 'credential', 'purchases'];

type Wrapped = Readonly<Record<string, string>>;

/** What was said, by customer. */
interface Said {
  readonly registered: ReadonlySet<string>;
  readonly erasing: ReadonlyMap<string, Wrapped>;
  readonly erased: ReadonlySet<string>;
  /** `customer group`. */
  readonly destroyed: ReadonlySet<string>;
}

/** First as the last kill has left it, then as the next start makes it. Opens and unwraps by itself. */
export const checkErasure = async (facts: readonly Fact[], folder: string, nextStart: () => Promise<void>): Promise<Checked> => {
  const said = read(facts);
  const acknowledged = [...said.erasing].flatMap(([customer, wrapped]) => Object.entries(wrapped).filter(([group]) => said.destroyed.has(`${customer} ${group}`)));
  const complaints = [
    ...remains(folder, acknowledged.map(([, hex]) => hex)).map((hex) => `The wrapped key ${hex.slice(0, 16)}… is still in a file, though its destruction was acknowledged`),
    ...notDestroyed(said, rowsOf(folder), 'after the kill'),
  ];
  await nextStart();
  const rows = rowsOf(folder);
  const events = await everything(folder);
  complaints.push(...notDestroyed(said, rows, 'after the next start'), ...wholeOrErased(said, rows, events, folder));
  const all = [...said.erasing].filter(([customer]) => events.has(`erasure-${customer}`)).flatMap(([, wrapped]) => erasedGroups.flatMap((group) => wrapped[group] ?? []));
  complaints.push(...remains(folder, all).map((hex) => `The wrapped key ${hex.slice(0, 16)}… is still in a file after the next start`));
  if (plaintext(folder)) complaints.push('Personal data stands in the clear in a file');
  const recovered = facts.filter(({ is }) => is === 'recovered').length;
  return { complaints, figures: { registered: said.registered.size, 'keys destroyed': said.destroyed.size, 'customers erased': said.erased.size, 'erasures taken up again': recovered } };
};

const read = (facts: readonly Fact[]): Said => ({
  registered: new Set(facts.filter(({ is }) => is === 'registered').map(({ customer }) => customer as string)),
  erasing: new Map(facts.filter(({ is }) => is === 'erasing').map(({ customer, wrapped }) => [customer as string, wrapped as Wrapped])),
  erased: new Set(facts.filter(({ is }) => is === 'erased').map(({ customer }) => customer as string)),
  destroyed: new Set(facts.filter(({ is }) => is === 'destroyed').map(({ customer, group }) => `${String(customer)} ${String(group)}`)),
});

const rowsOf = (folder: string): ReadonlyMap<string, KeyRow> => {
  const rows = new Map(keyRows(folder).map((row) => [`${row.customer} ${row.data_group}`, row]));
  closeKeyRows();
  return rows;
};

const notDestroyed = ({ destroyed }: Said, rows: ReadonlyMap<string, KeyRow>, when: string): string[] =>
  [...destroyed].flatMap((key) => {
    const row = rows.get(key);
    if (!row) return [`${key} has no tombstone ${when}`];
    return row.wrapped !== null || row.destroyed_at === null ? [`${key} has a key ${when}, though its destruction was acknowledged`] : [];
  });

/** Every customer: where an erasure was begun, nothing of the destroyed groups opens and it is recorded; otherwise everything opens. */
const wholeOrErased = ({ registered, erased }: Said, rows: ReadonlyMap<string, KeyRow>, events: ReadonlyMap<string, StoredEvent[]>, folder: string): string[] => {
  const keyEncryptionKey = readFileSync(join(folder, 'key-encryption-key'));
  const complaints: string[] = [];
  for (const customer of registered) {
    const [first, ...later] = events.get(`customer-${customer}`) ?? [];
    const history = events.get(`erasure-${customer}`)?.map(({ type }) => type) ?? [];
    if (!first) complaints.push(`${customer} was registered and is gone`);
    else if (erased.has(customer) && !history.includes('KeysDestroyed')) complaints.push(`${customer} was erased, and that is not recorded`);
    else if (history.length > 0 && !history.includes('KeysDestroyed')) complaints.push(`${customer} is half erased: begun, and not recorded`);
    const begun = history.length > 0;
    for (const group of first ? [...erasedGroups, 'evidence'] : []) {
      const opened = [first!, ...later].map((event) => opens(event, group, rows.get(`${customer} ${group}`), keyEncryptionKey)).find((text) => text !== undefined);
      const gone = begun && group !== 'evidence';
      if (gone && (opened !== undefined || rows.get(`${customer} ${group}`)?.destroyed_at == null)) complaints.push(`${customer} ${group} can be opened, or could be again, though its erasure was begun`);
      if (!gone && opened !== `Søndergade ${customer} ${group}`) complaints.push(`${customer} ${group} does not open, though nobody has erased it`);
    }
  }
  return complaints;
};

const opens = ({ id, stream, personal }: StoredEvent, group: string, row: KeyRow | undefined, keyEncryptionKey: Buffer): string | undefined => {
  const sealed = (personal as Record<string, { sealed: string }> | undefined)?.[group]?.sealed;
  if (!sealed || !row?.wrapped) return undefined;
  try {
    const wrapped = Buffer.from(row.wrapped);
    const key = decipher(keyEncryptionKey, wrapped.subarray(0, 12), wrapped.subarray(44), wrapped.subarray(12, 44), `${row.customer}|${group}`);
    const bytes = Buffer.from(sealed, 'base64');
    const plain = decipher(key, bytes.subarray(0, 12), bytes.subarray(12, 28), bytes.subarray(28), [row.customer, stream, id, group].join('\0'));
    return (JSON.parse(plain.toString()) as { text: string }).text;
  } catch {
    return undefined;
  }
};

const decipher = (key: Buffer, nonce: Buffer, tag: Buffer, ciphertext: Buffer, additional: string): Buffer => {
  const opening = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(Buffer.from(additional)).setAuthTag(tag);
  return Buffer.concat([opening.update(ciphertext), opening.final()]);
};

const everything = async (folder: string): Promise<ReadonlyMap<string, StoredEvent[]>> => {
  const store = await SqliteEventStore.open(join(folder, 'events.db'));
  const streams = new Map<string, StoredEvent[]>();
  const stop = new AbortController();
  for await (const { events, caughtUp } of store.subscribe({ after: START, categories: [], signal: stop.signal })) {
    for (const event of events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
    if (caughtUp) stop.abort();
  }
  await store.close();
  return streams;
};

const files = (folder: string): Buffer[] => readdirSync(folder).filter((name) => name.includes('.db')).map((name) => readFileSync(join(folder, name)));

const plaintext = (folder: string): boolean => files(folder).some((bytes) => bytes.includes('Søndergade'));

const needle = 6;

/** Which of them stand anywhere in the files. One walk over the bytes, however many there are. */
const remains = (folder: string, hexes: readonly string[]): string[] => {
  const byHead = new Map(hexes.map((hex) => [Number.parseInt(hex.slice(0, 2 * needle), 16), hex]));
  const found = new Set<string>();
  for (const bytes of files(folder))
    for (let at = 0; at + needle <= bytes.length; at++) {
      const hex = byHead.get(bytes.readUIntBE(at, needle));
      if (hex !== undefined && bytes.subarray(at, at + hex.length / 2).toString('hex') === hex) found.add(hex);
    }
  return [...found];
};
