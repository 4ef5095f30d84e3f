import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { customer, type CustomerCommand, customerStream } from '@kendt/domain';
import { cachedKeys, decision, type EventStore, handle, randomId, readAll, remembering, sealing, StateCache } from '@kendt/eventsourcing';
import { SqliteEventStore, SqliteKeyRing } from '@kendt/sqlite';
import { percentile, type Row, type Run } from './bench.js';

const events = 10_000;
const stream = customerStream(randomId());
const at = '2026-03-01T12:00:00.000Z';

const change = (n: number): CustomerCommand => ({
  type: 'ChangeContact', at, data: { contact: { email: `person.${n}@example.org`, phone: '+4520123456', name: { given: 'Ida', family: 'Holm' } }, language: 'da' },
});

const act = (store: EventStore, ...commands: readonly CustomerCommand[]): Promise<unknown> =>
  handle(store, [decision(customer, stream, ...commands)], { commandId: randomId(), actor: { kind: 'client', id: 'bench' } }, at);

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const times = async (count: number, work: (n: number) => Promise<unknown>): Promise<number[]> => {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push(await took(() => work(n)));
  return all;
};

/** A customer with ten thousand events of sealed contact details, in the same stores as the standalone process has. */
export const longHistoryRows = async (run: Run): Promise<Row[]> => {
  const folder = run.folder();
  const stored = await SqliteEventStore.open(join(folder, 'events.db'));
  const keys = cachedKeys(await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: randomBytes(32) }));
  const opened = (): EventStore => remembering(sealing(stored, keys), new StateCache());
  const writing = opened();
  await act(writing, { type: 'RegisterCustomer', at, data: { kind: 'guest', brandId: 'fjord', language: 'da', contact: {} } });
  for (let n = 1; n < events; n += 400) await act(writing, ...Array.from({ length: Math.min(400, events - n) }, (_, k) => change(n + k)));
  run.progress('a customer with 10,000 events');
  const cold = await times(run.quick ? 5 : 20, (n) => act(opened(), change(n)));
  const warmStore = opened();
  await act(warmStore, change(0));
  const warm = await times(run.quick ? 200 : 1000, (n) => act(warmStore, change(n)));
  const read = await times(3, () => readAll(stored, stream));
  await stored.close();
  await keys.close();
  return [
    { case: 'change of a customer with 10,000 events, p95', value: percentile(warm, 0.95), unit: 'ms', goal: '< 50' },
    {
      case: 'the same, nothing remembered, p50', value: percentile(cold, 0.5), unit: 'ms',
      against: { what: 'reading the stream, sealed', value: percentile(read, 0.5) }, ratio: percentile(cold, 0.5) / percentile(read, 0.5),
    },
    { case: 'the same, nothing remembered, p95', value: percentile(cold, 0.95), unit: 'ms' },
  ];
};
