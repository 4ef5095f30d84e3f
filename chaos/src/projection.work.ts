import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { byKey, type EventStore, type NewEvent, type Projection, runProjection, RunningView, type View, type Views } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { SqliteEventStore, SqliteViews } from '@kendt/sqlite';
import { chaosEvent } from './chaos-event.js';
import type { Life } from './scenario.js';

export const name = 'tallies@1';

/** What the checker folds as well, by itself. */
export interface Tally {
  readonly count: number;
  readonly sum: number;
  readonly last: string;
}

const tallies: Projection<Tally> = {
  name,
  categories: ['tally'],
  indexes: { last: ({ last }) => last },
  document: byKey,
  next: (current, { type, data, id }) => {
    if (type === 'Ended') return undefined;
    return { count: (current?.count ?? 0) + 1, sum: (current?.sum ?? 0) + (data as { amount: number }).amount, last: id };
  },
};

const streams = 300;
const holdBack = { documents: 150, ms: 15 };

type Wrap = (views: Views) => Views;

/** Another `write` or `put` for some of the views. */
const wrapped = (views: Views, change: (view: View<object>, name: string) => Partial<View<object>>): Views => ({
  open: async (definition) => {
    const view = await views.open(definition);
    return Object.assign(Object.create(view) as typeof view, change(view as unknown as View<object>, definition.name));
  },
  names: () => views.names(),
  drop: (dropped) => views.drop(dropped),
  close: () => views.close(),
});

/** A disk that takes its time before a checkpoint: kills fall between documents and checkpoint often, and not once in a thousand times. */
const slowCheckpoints = (random: () => number): Wrap => (views) =>
  wrapped(views, (view, opened) => ({
    write: async (writes) => {
      if (opened === 'checkpoints@1') await sleep(random() * 8);
      return view.write(writes);
    },
  }));

const sabotageWraps: Readonly<Record<string, Wrap>> = {
  'checkpoint-first': (views) =>
    wrapped(views, (view, opened) => ({
      write: async (writes) => {
        if (!opened.startsWith(name)) return view.write(writes);
        setTimeout(() => void view.write(writes), 25);
        return [];
      },
    })),
  'no-guard': (views) =>
    wrapped(views, (view, opened) => {
      if (!opened.startsWith(name)) return {};
      return {
        getEach: async (ids) => (await view.getEach(ids)).map((document) => ({ ...document, revision: '' })),
        write: async (writes) => {
          const standing = new Map((await view.getEach(writes.map(({ id }) => id))).map(({ id, revision }) => [id, revision]));
          return view.write(writes.map((write) => ({ ...write, replaces: standing.get(write.id) ?? null })));
        },
      };
    }),
  // Builds are slow here, so that the early switch is not healed before anybody looks.
  'switch-early': (views) =>
    wrapped(views, (view, opened) => ({
      write: async (writes) => {
        if (opened.startsWith(`${name}#`)) await sleep(400);
        return view.write(writes);
      },
      put: (id, value, options) => {
        const { building } = value as { building?: number };
        return view.put(id, opened === 'generations@1' && building !== undefined ? { ...value, active: building } : value, options);
      },
    })),
};

export const sabotages = {
  'checkpoint-first': 'writes the checkpoint before the documents',
  'no-guard': 'applies an event again when it comes again',
  'switch-early': 'reads from a build before it is whole',
};

const event = (random: () => number): NewEvent => chaosEvent(random() < 0.01 ? 'Ended' : 'Counted', { amount: Math.floor(random() * 1000) });

/** To one to forty streams at once; an ended one is written to no more, which the fold could not tell from a new one. */
const append = async (store: EventStore, random: () => number, ended: Set<string>): Promise<string | undefined> => {
  const chosen = new Set(Array.from({ length: 1 + Math.floor(random() * 40) }, () => `tally-${Math.floor(random() * streams)}-${Math.floor(random() ** 4 * 20)}`));
  const appends = [...chosen].filter((stream) => !ended.has(stream)).map((stream) => ({ stream, expected: 'any' as const, events: [event(random)] }));
  if (appends.length === 0) return undefined;
  const { position } = await store.append(appends);
  for (const { stream, events } of appends) if (events[0]!.type === 'Ended') ended.add(stream);
  return position;
};

/** Appends and follows; rebuilds now and then, drops what is no longer read, and sometimes runs a second projector by mistake. */
export const work = async ({ folder, random, number, sabotage, say }: Life): Promise<void> => {
  const store = await SqliteEventStore.open(join(folder, 'events.db'));
  const opened = slowCheckpoints(random)(await SqliteViews.open(join(folder, 'views.db')));
  const views = sabotage === undefined ? opened : sabotageWraps[sabotage]!(opened);
  const ended = await endedStreams(store);
  const view = await RunningView.start({ store, views }, tallies, { holdBack });
  if (number % 5 === 0) runProjection({ store, views }, { ...tallies, name: view.activeName }, { holdBack });
  say({ is: 'ready' });
  let seen = '';
  for (;;) {
    const position = await append(store, random, ended);
    if (position !== undefined && random() < 0.3) await view.waitFor(position, 20);
    if (view.position > seen) say({ is: 'seen', position: (seen = view.position) });
    if (random() < 0.1) await look(view, say);
  }
};

const look = async (view: RunningView<Tally>, say: Life['say']): Promise<void> => {
  if (view.building) return;
  const old = (await view.states()).find(({ active }) => !active);
  if (old) await view.drop(old.name).catch(unlessReadByNow);
  else say({ is: 'rebuilding', name: (await view.rebuild()).name });
};

/** What was being built when it was looked at may be the one that is read a moment later: then it is rightly refused. */
const unlessReadByNow = (error: unknown): void => {
  if (!(error instanceof Refusal && error.code === 'VIEW_IN_USE')) throw error;
};

const endedStreams = async (store: EventStore): Promise<Set<string>> => {
  const ended = new Set<string>();
  const enough = new AbortController();
  for await (const { events, caughtUp } of store.subscribe({ after: '', categories: ['tally'], signal: enough.signal })) {
    for (const { stream, type } of events) if (type === 'Ended') ended.add(stream);
    if (caughtUp) break;
  }
  return ended;
};
