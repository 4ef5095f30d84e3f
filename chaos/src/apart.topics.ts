import type { Ground } from './apart.ground.js';
import type { Row } from './apart.rows.js';
import { type Read, readTopic } from './kafka.clusters.js';
import { compareMessages } from './message-order.js';

/** What each topic tells, by category. */
const told: Readonly<Record<string, { readonly category: string; readonly types: ReadonlySet<string> }>> = {
  'kendt.customers.v1': { category: 'customer', types: new Set(['CustomerRegistered', 'EmailVerified', 'ContactDetailsChanged', 'CustomerFrozen', 'CustomerErased']) },
  'kendt.consents.v1': { category: 'consent', types: new Set(['ConsentGranted', 'ConsentRefused']) },
};

/** Every event is on its topic, in order per customer; what came twice is the same, byte for byte. */
export const checkTopics = async ({ kafka }: Ground, rows: readonly Row[]): Promise<{ complaints: string[]; again: number }> => {
  const compared = await Promise.all(Object.entries(told).map(async ([topic, { category, types }]) => {
    const published = rows.filter(({ stream, type }) => stream.startsWith(`${category}-`) && types.has(type));
    const { complaints, again } = compareTopic(await readTopic({ url: kafka.url, prefix: '' }, topic), published);
    return { complaints: complaints.map((complaint) => `${topic}, ${complaint}`), again };
  }));
  return { complaints: compared.flatMap(({ complaints }) => complaints), again: compared.reduce((sum, { again }) => sum + again, 0) };
};

/** Messages of customers that these events are not about are somebody else's. */
export const compareTopic = (read: readonly Read[], events: readonly Pick<Row, 'stream' | 'id'>[]): { complaints: string[]; again: number } => {
  const first = new Map<string, string>();
  for (const { headers, value } of read) if (!first.has(headers['ce_id'] ?? '')) first.set(headers['ce_id'] ?? '', value ?? '');
  const keyOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
  const byKey = Map.groupBy(events, ({ stream }) => keyOf(stream));
  const wanted = new Map([...byKey].map(([key, all]) => [key, all.map(({ id }) => ({ id, value: first.get(id) ?? '' }))]));
  return compareMessages(read.filter(({ key }) => wanted.has(key)), wanted);
};
