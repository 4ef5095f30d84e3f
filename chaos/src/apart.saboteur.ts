import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { adapters } from '@kendt/by-url';
import type { EventStore, StreamAppend, Topics, View, ViewDefinition, Views } from '@kendt/eventsourcing';

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

const swallowing = (topics: Topics): Topics['publish'] => (messages) => topics.publish(messages).catch(() => undefined);

const renaming = (topics: Topics): Topics['publish'] => (messages) => topics.publish(messages.map((message) => ({ ...message, headers: { ...message.headers, ce_id: randomUUID() } })));

const publishing: Readonly<Record<string, (topics: Topics) => Topics['publish']>> = { 'publish-swallowed': swallowing, 'new-ids': renaming };

/** Of the customers that profile shows. */
const forgetful = (views: Views): Views['open'] => async <T extends object>(definition: ViewDefinition<T>): Promise<View<T>> => {
  const view = await views.open(definition);
  if (!definition.name.startsWith('customers@')) return view;
  const write: View<T>['write'] = (writes) => view.write(writes.filter(() => Math.random() > 0.1));
  return instead(view, { write });
};

const { open } = adapters;
const sabotaged: typeof open = async (addresses, means) => {
  const ports = await open(addresses, means);
  const [append, publish] = [appending[sabotage ?? '']?.(ports.events), publishing[sabotage ?? '']];
  return {
    ...ports,
    ...(append && { events: instead(ports.events, { append }) }),
    ...(publish && ports.topics && { topics: instead(ports.topics, { publish: publish(ports.topics) }) }),
    ...(sabotage === 'write-forgotten' && { views: instead(ports.views, { open: forgetful(ports.views) }) }),
  };
};

const instead = <Port extends object>(port: Port, replaced: Partial<Port>): Port =>
  new Proxy(port, { get: (target, name) => (name in replaced ? replaced[name as keyof Port] : bound(target, name)) });

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
};

adapters.open = sabotaged;
