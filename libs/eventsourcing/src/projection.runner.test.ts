import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId } from './command-context.js';
import { checkpointsView } from './checkpoint.js';
import type { NewEvent } from './event-store.port.js';
import type { Following } from './follower.loop.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { byKey, type Projection } from './projection.js';
import { type ProjectOptions, runProjection } from './projection.runner.js';
import type { DocumentWrite, View, Views } from './views.port.js';

interface Tally {
  readonly count: number;
  readonly last: string;
  readonly owner?: string;
}

const tallies: Projection<Tally> = {
  name: 'tallies@1',
  categories: ['thing'],
  indexes: { owner: ({ owner }) => owner },
  document: byKey,
  forgets: ({ type, data }) => (type === 'forget' ? { index: 'owner', value: (data as { owner: string }).owner } : undefined),
  next: (current, { type, data }) => {
    if (type === 'end') return undefined;
    if (type === 'nothing') return current;
    return { count: (current?.count ?? 0) + 1, last: type, ...(data as { owner?: string }) };
  },
};

describe('a projection', () => {
  let store: MemoryEventStore;
  let views: MemoryViews;
  let running: Following[];
  let written: number[];
  let number: number;
  beforeEach(() => {
    store = new MemoryEventStore();
    views = new MemoryViews();
    [running, written, number] = [[], [], 0];
  });
  afterEach(() => Promise.all(running.map((following) => following.stop())));

  const start = (projection: Projection<Tally> = tallies, options: ProjectOptions = {}, on: Views = views): Following => {
    const following = runProjection({ store, views: noting(on) }, projection, { holdBack: { documents: 1000, ms: 1000 }, ...options });
    running.push(following);
    return following;
  };
  /** Notes how many documents are written at once. */
  const noting = (on: Views): Views => wrapped(on, (view) => (writes) => {
    if (writes.length > 0 && 'count' in (writes[0]!.value ?? { count: 0 })) written.push(writes.length);
    return view.write(writes);
  });
  const append = async (stream: string, ...types: string[]) =>
    (await store.append([{ stream, expected: 'any', events: types.map((type) => event(`${number++}`, type)) }])).position;
  const all = async (on: Views = views): Promise<Record<string, [number, string]>> => {
    const view = await on.open<Tally>({ name: 'tallies@1' });
    const documents = await view.getEach(await everyId(view));
    return Object.fromEntries(documents.map(({ id, value: { count, last } }) => [id, [count, last]]));
  };
  const everyId = async (view: View<Tally>, cursor?: string): Promise<string[]> => {
    const { documents, next } = await view.list({ limit: 1000, ...(cursor !== undefined && { cursor }) });
    return [...documents.map(({ id }) => id), ...(next === undefined ? [] : await everyId(view, next))];
  };
  const failingOn = (bad: string): Projection<Tally> => ({
    ...tallies,
    next: (current, event) => {
      if (event.type === bad) throw new RangeError('cannot');
      return tallies.next(current, event);
    },
  });

  it('folds history in batches, each document written once, and then what comes', async () => {
    for (let n = 0; n < 300; n++) await append(`thing-${n % 10}`, 'a', 'b');
    const position = await append('other-1', 'a');
    expect(await start().waitFor(position, 2000)).toBe(true);
    expect(await all()).toEqual(Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`${n}`, [60, 'b']])));
    expect(written).toEqual([10]);
    await running[0]!.waitFor(await append('thing-3', 'c'), 1000);
    expect((await all())['3']).toEqual([61, 'c']);
    expect([running[0]!.caughtUp, running[0]!.takenCount, running[0]!.lagSeconds(new Date())]).toEqual([true, 601, 0]);
  });

  it('deletes what folds to nothing, and does not write what stays the same', async () => {
    await append('thing-1', 'a', 'end');
    await append('thing-2', 'a');
    await start().waitFor(await append('thing-3', 'a', 'nothing'), 1000);
    expect(await all()).toEqual({ 2: [1, 'a'], 3: [1, 'a'] });
    await running[0]!.waitFor(await append('thing-3', 'nothing'), 1000);
    await running[0]!.waitFor(await append('thing-2', 'end'), 1000);
    expect(await all()).toEqual({ 3: [1, 'a'] });
    expect(written).toEqual([2, 1]);
  });

  it('forgets everything of one index value at that place in the order, also what is still in hand', async () => {
    const owned = (stream: string, type: string, owner: string) => store.append([{ stream, expected: 'any', events: [{ ...event(`${number++}`, type), data: { owner } }] }]);
    await owned('thing-1', 'a', 'ida');
    await owned('thing-2', 'a', 'bo');
    await owned('thing-0', 'forget', 'ida');
    const { position } = await owned('thing-3', 'a', 'ida');
    await start().waitFor(position, 1000);
    expect(Object.keys(await all())).toEqual(['2', '3']);
  });

  /** Two thousand things that come once, and one that comes again and again among them. */
  const history = async (): Promise<string> => {
    for (let n = 0; n < 50; n++) await store.append([...Array.from({ length: 40 }, (_, m) => `${n * 40 + m}`), 'busy'].map((key) => ({ stream: `thing-${key}`, expected: 'any', events: [event(`${number++}`, 'a')] })));
    return append('thing-0', 'b');
  };

  it('holds no more in hand than it is told to while it reads history: what comes again soon is written once', async () => {
    await start(tallies, { holdBack: { documents: 700, ms: 60_000 } }).waitFor(await history(), 20_000);
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(2002);
    expect(Math.max(...written)).toBe(500);
    expect(written.length).toBeGreaterThan(4);
    expect(Object.entries(await all())).toHaveLength(2001);
    expect(await all()).toMatchObject({ busy: [50, 'a'], 0: [2, 'b'], 1999: [1, 'a'] });
  });

  it('counts each event once when it died with some documents written and others still in hand', async () => {
    const position = await history();
    let checkpoints = 0;
    const dying = wrapped(views, (view, name) => async (writes) => {
      if (name === checkpointsView.name) checkpoints++;
      if ((await (await views.open({ name: 'tallies@1' })).count()) > 1000) throw new Error('killed');
      return view.write(writes);
    });
    const first = start(tallies, { holdBack: { documents: 700, ms: 60_000 } }, dying);
    await until(() => first.lastError !== undefined);
    await first.stop().catch(() => undefined);
    expect([checkpoints, Object.keys(await all()).length > 1000, 'busy' in (await all())]).toEqual([0, true, false]);
    await start().waitFor(position, 20_000);
    expect(Object.entries(await all()).filter(([id, [count]]) => count !== (id === 'busy' ? 50 : id === '0' ? 2 : 1))).toEqual([]);
    expect(Object.keys(await all())).toHaveLength(2001);
  });

  it('moves its checkpoint as far as nothing is in hand any more', async () => {
    const checkpoints: string[] = [];
    const watched = wrapped(views, (view, name) => (writes) => {
      if (name === checkpointsView.name) checkpoints.push(writes[0]!.revision);
      return view.write(writes);
    });
    for (let n = 0; n < 2000; n += 50) await store.append(Array.from({ length: 50 }, (_, m) => ({ stream: `thing-${n + m}`, expected: 'any', events: [event(`${number++}`, 'a')] })));
    const position = await append('thing-0', 'b');
    await start(tallies, { holdBack: { documents: 700, ms: 60_000 } }, watched).waitFor(position, 20_000);
    expect(checkpoints.length).toBeGreaterThan(2);
    expect(checkpoints).toEqual([...checkpoints].sort());
    expect(checkpoints.at(-1)).toBe(position);
  });

  it('counts each event once when it died between its documents and its checkpoint', async () => {
    await append('thing-1', 'a', 'b');
    await append('thing-2', 'a');
    let dead = false;
    const dying = wrapped(views, (view, name) => async (writes) => {
      if (name === checkpointsView.name) dead = true;
      if (dead) throw new Error('killed');
      return view.write(writes);
    });
    const first = start(tallies, {}, dying);
    await until(() => dead);
    await first.stop().catch(() => undefined);
    expect(await all()).toEqual({ 1: [2, 'b'], 2: [1, 'a'] });
    await start().waitFor(await append('thing-2', 'b'), 1000);
    expect(await all()).toEqual({ 1: [2, 'b'], 2: [2, 'b'] });
  });

  it('counts each event once when two of the same name run by mistake', async () => {
    for (let n = 0; n < 100; n++) await append(`thing-${n % 7}`, 'a');
    const [one, other] = [start(), start()];
    let position = '';
    for (let n = 0; n < 50; n++) {
      position = await append(`thing-${n % 7}`, 'b');
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await one.waitFor(position, 10_000)).toBe(true);
    expect(await other.waitFor(position, 10_000)).toBe(true);
    expect(Object.values(await all()).map(([count]) => count).reduce((a, b) => a + b)).toBe(150);
  });

  it('sets aside what it cannot fold with its reason, and what comes later of that customer; others go on', async () => {
    await append('thing-1', 'a', 'bad', 'after');
    const following = start(failingOn('bad'));
    await following.waitFor(await append('thing-2', 'a'), 1000);
    await following.waitFor(await append('thing-1', 'later'), 1000);
    expect(await all()).toEqual({ 1: [1, 'a'], 2: [1, 'a'] });
    expect(following.parkedCount).toBe(3);
    const { documents } = await (await views.open<{ reason: string; type: string }>({ name: 'parked@1' })).list();
    expect(documents.map(({ value }) => [value.type, value.reason])).toEqual([['bad', 'RangeError'], ['after', 'WAITS_BEHIND'], ['later', 'WAITS_BEHIND']]);
  });

  it('takes up what was set aside when it is mended: in order, each once, also after a restart', async () => {
    const position = await append('thing-1', 'a', 'bad', 'after');
    const broken = start(failingOn('bad'));
    await broken.waitFor(position, 1000);
    expect(await broken.retryParked()).toBe(0);
    await broken.stop();
    const mended = start();
    await mended.waitFor(position, 1000);
    expect(await all()).toEqual({ 1: [3, 'after'] });
    expect(mended.parkedCount).toBe(0);
    expect(await mended.retryParked()).toBe(0);
  });

  it('takes up what one customer has parked, and leaves the others alone', async () => {
    let bad = true;
    const flaky: Projection<Tally> = { ...tallies, next: (current, each) => (bad && each.type === 'bad' ? fail() : tallies.next(current, each)) };
    await append('thing-1', 'bad', 'after');
    const following = start(flaky);
    await following.waitFor(await append('thing-2', 'bad'), 1000);
    bad = false;
    expect(await following.retryParked('1')).toBe(2);
    expect([await all(), following.parkedCount]).toEqual([{ 1: [2, 'after'] }, 1]);
  });

  it('lets what changes the same document wait as well, so that nothing is passed over', async () => {
    let bad = true;
    const joined: Projection<Tally> = { ...tallies, document: () => 'one', next: (current, each) => (bad && each.type === 'bad' ? fail() : tallies.next(current, each)) };
    await append('thing-1', 'bad');
    const following = start(joined);
    await following.waitFor(await append('thing-2', 'b'), 1000);
    expect(await all()).toEqual({});
    bad = false;
    expect(await following.retryParked('2')).toBe(0);
    expect(await following.retryParked()).toBe(2);
    expect(await all()).toEqual({ one: [2, 'b'] });
  });

  it('finds the one event whose document cannot be written among a whole batch', async () => {
    const circular: Projection<Tally & { self?: object }> = {
      ...tallies,
      next: (current, each) => {
        const value = { ...current, ...tallies.next(current, each)! };
        return each.type === 'circle' ? Object.assign(value, { self: value }) : value;
      },
    };
    await append('thing-1', 'a', 'circle', 'after');
    const following = start(circular);
    await following.waitFor(await append('thing-2', 'a'), 3000);
    expect([await all(), following.parkedCount]).toEqual([{ 1: [1, 'a'], 2: [1, 'a'] }, 2]);
  });

  it('sets aside an event of which it cannot even say what it concerns', async () => {
    const lost: Projection<Tally> = { ...tallies, document: (each) => (each.type === 'bad' ? fail() : byKey(each)) };
    await append('thing-1', 'a', 'bad', 'after');
    const following = start(lost);
    await following.waitFor(await append('thing-2', 'a'), 1000);
    expect([await all(), following.parkedCount]).toEqual([{ 1: [1, 'a'], 2: [1, 'a'] }, 2]);
  });

  it('parks nothing because the views cannot be written for a while', async () => {
    let failures = 2;
    const flaky = wrapped(views, (view) => async (writes) => (writes.length > 0 && failures-- > 0 ? fail() : view.write(writes)));
    await append('thing-1', 'a');
    const following = start(tallies, {}, flaky);
    expect(await following.waitFor(await append('thing-2', 'a'), 3000)).toBe(true);
    expect([await all(), following.parkedCount]).toEqual([{ 1: [1, 'a'], 2: [1, 'a'] }, 0]);
  });
});

const fail = (): never => {
  throw new Error('broken');
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

const wrapped = (views: Views, write: (view: View<object>, name: string) => (writes: readonly DocumentWrite<never>[]) => Promise<readonly string[]>): Views => ({
  open: async (definition) => {
    const view = await views.open(definition);
    return Object.assign(Object.create(view) as typeof view, { write: write(view as unknown as View<object>, definition.name) });
  },
  names: () => views.names(),
  drop: (name) => views.drop(name),
  close: () => views.close(),
});

const event = (id: string, type: string): NewEvent => ({
  id: deterministicId('tally', id),
  type,
  data: {},
  metadata: { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});
