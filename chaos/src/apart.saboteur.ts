import { setTimeout as sleep } from 'node:timers/promises';
import { adapters } from '@kendt/by-url';
import type { EventStore, StreamAppend } from '@kendt/eventsourcing';

/** Loaded by Node before a service, when it is to be broken on purpose: stands between the service and its ports. */
const sabotage = process.env['KENDT_CHAOS_SABOTAGE'];

const unguarded = (store: EventStore): EventStore['append'] => (appends) => store.append(appends.map((one): StreamAppend => ({ ...one, expected: 'any' })));

/** Answers with the place where the store stands now. */
const early = (store: EventStore): EventStore['append'] => async (appends) => {
  const answered = await store.append([]);
  void sleep(400).then(() => store.append(appends)).catch(() => undefined);
  return answered;
};

const appending: Readonly<Record<string, (store: EventStore) => EventStore['append']>> = { unguarded, 'early-answer': early };

const { open } = adapters;
const sabotaged: typeof open = async (addresses, means) => {
  const ports = await open(addresses, means);
  const broken = appending[sabotage ?? ''];
  if (!broken) return ports;
  const append = broken(ports.events);
  const events = new Proxy(ports.events, { get: (store, name) => (name === 'append' ? append : bound(store, name)) });
  return { ...ports, events };
};

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
};

adapters.open = sabotaged;
