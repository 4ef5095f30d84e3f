import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId } from './command-context.js';
import type { NewEvent } from './event-store.port.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { byKey, type Projection } from './projection.js';
import { RunningView } from './view.runner.js';
import type { View, Views } from './views.port.js';

interface Tally {
  readonly count: number;
  readonly note?: string;
}

const tallies: Projection<Tally> = { name: 'tallies@1', categories: ['thing'], document: byKey, next: (current) => ({ count: (current?.count ?? 0) + 1 }) };
const noted: Projection<Tally> = { ...tallies, next: (current, event) => ({ ...tallies.next(current, event)!, note: 'mended' }) };

describe('a view that is rebuilt', () => {
  let store: MemoryEventStore;
  let views: MemoryViews;
  let running: RunningView<Tally>[];
  let number: number;
  beforeEach(() => {
    store = new MemoryEventStore();
    views = new MemoryViews();
    [running, number] = [[], 0];
  });
  afterEach(() => Promise.all(running.map((each) => each.stop())));

  const start = async (projection = tallies, on: Views = views): Promise<RunningView<Tally>> => {
    const view = await RunningView.start({ store, views: on }, projection);
    running.push(view);
    return view;
  };
  const append = async (stream: string) => (await store.append([{ stream, expected: 'any', events: [event(`${number++}`)] }])).position;
  const ended = async (view: RunningView<Tally>): Promise<string> => {
    while (view.rebuilding?.endedAt === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    return view.rebuilding.state;
  };
  const shown = async (view: RunningView<Tally>): Promise<string[]> =>
    (await view.states()).map(({ name, active, building, documents }) => `${name}${active ? ' active' : ''}${building ? ' building' : ''} ${documents}`);

  it('serves from the old build until the new one is whole, then from the new one, also after a restart', async () => {
    await append('thing-1');
    const first = await start();
    await first.waitFor(await append('thing-2'), 1000);
    await first.stop();
    const view = await start(noted);
    await view.waitFor(await append('thing-3'), 1000);
    expect((await view.view.get('1'))?.value).toEqual({ count: 1 });
    expect((await view.rebuild()).name).toBe('tallies@1#2');
    expect(await ended(view)).toBe('switched');
    expect(view.rebuilding?.comparison).toEqual({ documents: 3, differences: 2, first: ['1', '2'] });
    expect((await view.view.get('2'))?.value).toEqual({ count: 1, note: 'mended' });
    expect(await shown(view)).toEqual(['tallies@1 3', 'tallies@1#2 active 3']);
    await view.stop();
    const again = await start(noted);
    expect((await again.view.get('1'))?.value).toEqual({ count: 1, note: 'mended' });
    expect(await again.waitFor(await append('thing-4'), 1000)).toBe(true);
    expect((await again.view.get('4'))?.value.note).toBe('mended');
  });

  it('says that both are the same when nothing was wrong, while events keep coming', async () => {
    for (let n = 0; n < 50; n++) await append(`thing-${n}`);
    const view = await start();
    await view.waitFor(await append('thing-1'), 1000);
    await view.rebuild();
    let position = '';
    while (view.rebuilding?.endedAt === undefined) {
      position = await append(`thing-${number % 60}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect([view.rebuilding.state, view.rebuilding.comparison?.differences]).toEqual(['switched', 0]);
    expect(await view.waitFor(position, 1000)).toBe(true);
    expect(await view.compare()).toMatchObject({ differences: 0 });
  });

  it('stays with the old build when asked to and the documents differ', async () => {
    await append('thing-1');
    const first = await start();
    await first.waitFor(await append('thing-2'), 1000);
    await first.stop();
    const view = await start(noted);
    await view.rebuild({ unlessDifferent: true });
    expect(await ended(view)).toBe('different');
    expect((await view.view.get('1'))?.value.note).toBeUndefined();
    expect(await shown(view)).toEqual(['tallies@1 active 2', 'tallies@1#2 2']);
    expect(await view.compare('tallies@1#2')).toMatchObject({ documents: 2, differences: 2 });
  });

  it('lets erasures reach the old build too, until it is dropped', async () => {
    const ending: Projection<Tally> = { ...tallies, next: (current, each) => (each.type === 'ended' ? undefined : tallies.next(current, each)) };
    await append('thing-1');
    const view = await start(ending);
    await view.rebuild();
    await ended(view);
    const { position } = await store.append([{ stream: 'thing-1', expected: 'any', events: [event('end', 'ended')] }]);
    await view.waitFor(position, 1000);
    await Promise.all((await view.states()).map(({ following }) => following.waitFor(position, 1000)));
    expect(await shown(view)).toEqual(['tallies@1 0', 'tallies@1#2 active 0']);
    await view.drop('tallies@1');
    expect(await shown(view)).toEqual(['tallies@1#2 active 0']);
    expect((await (await views.open({ name: 'checkpoints@1' })).list()).documents.map(({ id }) => id)).toEqual(['tallies@1#2']);
  });

  it('lets who waits across a switch see in the new build what they waited for', async () => {
    let slowMs = 0;
    const view = await start(tallies, withWrite(views, (inner, name) => async (writes) => {
      if (name.endsWith('#2')) await new Promise((resolve) => setTimeout(resolve, slowMs));
      return inner.write(writes);
    }));
    await view.waitFor(await append('thing-1'), 1000);
    const waiting = view.waitFor('0000000000000002', 5000);
    await view.rebuild();
    expect(await ended(view)).toBe('switched');
    slowMs = 150;
    expect(await append('thing-1')).toBe('0000000000000002');
    expect(await waiting).toBe(true);
    expect((await view.view.get('1'))?.value.count).toBe(2);
  });

  it('refuses to drop what is read, what is not there, and a second rebuild beside the first', async () => {
    const view = await start();
    await expect(view.drop('tallies@1')).rejects.toMatchObject({ code: 'VIEW_IN_USE' });
    await expect(view.drop('tallies@1#7')).rejects.toMatchObject({ code: 'VIEW_UNKNOWN' });
    await expect(view.compare()).rejects.toMatchObject({ code: 'VIEW_UNKNOWN' });
    await view.rebuild();
    await expect(view.rebuild()).rejects.toMatchObject({ code: 'REBUILD_RUNNING' });
  });

  it('goes on with a build that a crash cut short', async () => {
    for (let n = 0; n < 20; n++) await append(`thing-${n}`);
    const view = await start(tallies, withoutBuilds(views));
    await view.rebuild();
    await view.stop();
    const again = await start();
    expect(await ended(again)).toBe('switched');
    expect(await shown(again)).toEqual(['tallies@1 20', 'tallies@1#2 active 20']);
  });

  it('begins anew where a drop was cut short, with nothing of what it left', async () => {
    await append('thing-1');
    const view = await start();
    await view.rebuild();
    await ended(view);
    await view.drop('tallies@1');
    await view.stop();
    const left = await views.open<Tally>({ name: 'tallies@1#3' });
    await left.put('ghost', { count: 9 });
    await (await views.open({ name: 'checkpoints@1' })).put('tallies@1#3', { position: '0000000000000009' }, { revision: '0000000000000009' });
    const again = await start();
    expect(await left.count()).toBe(0);
    await left.put('ghost', { count: 9 });
    expect((await again.rebuild()).name).toBe('tallies@1#3');
    expect(await ended(again)).toBe('switched');
    expect(await shown(again)).toEqual(['tallies@1#2 1', 'tallies@1#3 active 1']);
  });
});

/** Nothing that is built is ever finished. */
const withoutBuilds = (views: Views): Views => withWrite(views, (view, name) => (writes) => (name.endsWith('#2') ? Promise.reject(new Error('killed')) : view.write(writes)));

const withWrite = (views: Views, write: (view: View<object>, name: string) => View<object>['write']): Views => ({
  open: async (definition) => {
    const view = await views.open(definition);
    return Object.assign(Object.create(view) as typeof view, { write: write(view as unknown as View<object>, definition.name) });
  },
  names: () => views.names(),
  drop: (name) => views.drop(name),
  close: () => views.close(),
});

const event = (id: string, type = 'happened'): NewEvent => ({
  id: deterministicId('tally', id),
  type,
  data: {},
  metadata: { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});
