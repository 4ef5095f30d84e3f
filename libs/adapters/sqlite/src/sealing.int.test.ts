import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cachedKeys, deterministicId, type NewEvent, readAll, sealing } from '@kendt/eventsourcing';
import { type DataGroup, dataGroups, erased } from '@kendt/kernel';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { SqliteEventStore } from './event-store.sqlite.js';
import { SqliteKeyRing } from './key-ring.sqlite.js';
import { bytesOf, formsOf, temporaryFolder } from './on-file.examples.js';

const customers = ['c-ida', 'c-bo', 'c-eva'];

interface Step {
  readonly customer: string;
  readonly group: DataGroup;
  readonly does: 'write' | 'destroy';
}

const steps = fc.array(
  fc.record<Step>({ customer: fc.constantFrom(...customers), group: fc.constantFrom(...dataGroups), does: fc.constantFrom('write', 'write', 'write', 'destroy') }),
  { minLength: 5, maxLength: 40 },
);

describe('sealing on SQLite', () => {
  it('gives back all but what was destroyed, has no plaintext in any byte, and no byte of a destroyed key, whatever happens together', async () => {
    await fc.assert(fc.asyncProperty(steps, fc.boolean(), (history, atOnce) => holds(history, atOnce)), { numRuns: 8 });
  });
});

const holds = async (history: readonly Step[], atOnce: boolean): Promise<void> => {
  const { folder, remove } = temporaryFolder();
  const ring = await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: new Uint8Array(randomBytes(32)) });
  const keys = cachedKeys(ring);
  const store = sealing(await SqliteEventStore.open(join(folder, 'events.db')), keys);
  const captured = new Map<string, Buffer[]>();
  const look = new Database(join(folder, 'keys.db'));
  const wrapped = look.prepare<[string, string], Buffer>('SELECT wrapped FROM keys JOIN wrapped_keys USING (number) WHERE customer = ? AND data_group = ?').pluck();
  const words = history.map(() => `Søndergade ${randomBytes(9).toString('hex')}`);
  const take = async ({ customer, group, does }: Step, n: number): Promise<void> => {
    const key = wrapped.get(customer, group);
    if (key) captured.set(`${customer} ${group}`, [...(captured.get(`${customer} ${group}`) ?? []), key]);
    if (does === 'destroy') return keys.destroy(customer, group);
    await store.append([{ stream: `customer-${customer}`, expected: 'any', events: [event(`h${n}`, { [group]: { text: words[n] } })] }]);
  };
  try {
    if (atOnce) await Promise.all(history.map(take));
    else for (const [n, step] of history.entries()) await take(step, n);
    const gone = new Set(history.flatMap(({ customer, group, does }) => (does === 'destroy' ? [`${customer} ${group}`] : [])));
    for (const customer of customers) {
      const opened = (await readAll(store, `customer-${customer}`)).flatMap(({ personal }) => Object.entries(personal!));
      const written = history.flatMap((step, n) => (step.customer === customer && step.does === 'write' ? [[step.group, gone.has(`${customer} ${step.group}`) ? erased : { text: words[n] }]] : []));
      expect(sorted(opened)).toEqual(sorted(written));
    }
    const bytes = Buffer.concat(Object.values(bytesOf(folder)));
    expect(words.filter((word) => formsOf(word).some((form) => bytes.includes(form)))).toEqual([]);
    const left = [...gone].flatMap((key) => captured.get(key) ?? []).filter((key) => bytes.includes(key));
    expect(left).toEqual([]);
  } finally {
    look.close();
    await store.close();
    await keys.close();
    remove();
  }
};

const sorted = (entries: readonly unknown[]): string[] => entries.map((entry) => JSON.stringify(entry)).sort();

const event = (name: string, personal: NonNullable<NewEvent['personal']>): NewEvent => ({
  id: deterministicId(name), type: 'Noted', data: {}, personal,
  metadata: { commandId: name, correlationId: name, causationId: name, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});
