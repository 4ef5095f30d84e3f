import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Checkpoint, checkpointsView } from './checkpoint.js';
import { deterministicId } from './command-context.js';
import { type NewEvent, START } from './event-store.port.js';
import type { Following } from './follower.loop.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { byKey, type Projection } from './projection.js';
import { runProjection } from './projection.runner.js';

interface Tally {
  readonly count: number;
  readonly last: string;
}

describe('of two processes that share the views', () => {
  let store: MemoryEventStore;
  let views: MemoryViews;
  let running: Following[];
  let broken: boolean;
  let number: number;
  beforeEach(() => {
    [store, views] = [new MemoryEventStore(), new MemoryViews()];
    [running, broken, number] = [[], false, 0];
  });
  afterEach(() => Promise.all(running.map((following) => following.stop())));

  const tallies: Projection<Tally> = {
    name: 'tallies@1',
    categories: ['thing'],
    document: byKey,
    next: (current, { type }) => {
      if (broken && type === 'bad') throw new RangeError('cannot');
      return { count: (current?.count ?? 0) + 1, last: type };
    },
  };
  const start = (): Following => {
    const following = runProjection({ store, views, closed: store }, tallies);
    running.push(following);
    return following;
  };
  const append = async (stream: string, ...types: string[]) => (await store.append([{ stream, expected: 'any', events: types.map((type) => event(`${number++}`, type)) }])).position;
  const tally = async (id: string): Promise<Tally | undefined> => (await (await views.open<Tally>(tallies)).get(id))?.value;
  /** The one that begins last goes on; the other is overtaken at the first event. */
  const settled = async (): Promise<{ acting: Following; trailing: Following }> => {
    const first = start();
    await first.waitFor(await append('thing-1', 'a'), 2000);
    const second = start();
    await second.waitFor(await append('other-1', 'a'), 2000);
    const position = await append('thing-1', 'a');
    for (const one of [first, second]) expect(await one.waitFor(position, 3000)).toBe(true);
    expect([first.standsBy, second.standsBy]).toEqual([true, false]);
    return { acting: second, trailing: first };
  };

  it('one folds, and both say when it is done', async () => {
    const { acting, trailing } = await settled();
    const before = [acting.takenCount, trailing.takenCount];
    for (let n = 0; n < 20; n++) {
      expect(await trailing.waitFor(await append('thing-2', 'a'), 3000)).toBe(true);
      expect(await tally('2')).toEqual({ count: n + 1, last: 'a' });
    }
    expect(await trailing.waitFor(await append('other-1', 'a'), 3000)).toBe(true); // of no concern to it, and reached all the same
    expect([acting.takenCount - before[0]!, trailing.takenCount - before[1]!]).toEqual([20, 0]);
    expect([acting.standsBy, trailing.standsBy, trailing.caughtUp]).toEqual([false, true, true]);
  });

  it('the other goes on when the one that folds is gone', async () => {
    const { acting, trailing } = await settled();
    await acting.stop();
    expect(await trailing.waitFor(await append('thing-3', 'a', 'b'), 5000)).toBe(true);
    expect(await tally('3')).toEqual({ count: 2, last: 'b' });
    expect(trailing.standsBy).toBe(false);
  });

  it('the one that reads history shows every two seconds that it lives, also where nothing is settled yet', async () => {
    const signs = new Set<string>();
    for (let n = 0; n < 60; n++) await append(`thing-${n}`, ...Array.from({ length: 100 }, () => 'a'));
    const slow: Projection<Tally> = { ...tallies, next: (current, event) => (event.revision % 50 === 0 && pauseFor(25), tallies.next(current, event)) };
    const reading = runProjection({ store, views, closed: store }, slow);
    running.push(reading);
    const checkpoints = await views.open<Checkpoint>(checkpointsView);
    while (!reading.caughtUp) {
      const kept = await checkpoints.get(tallies.name);
      if (kept && kept.value.position === START) signs.add(kept.revision);
      await sleep(50);
    }
    expect(signs.size).toBeGreaterThan(0);
    expect(await tally('59')).toEqual({ count: 100, last: 'a' });
  });

  it('the one that is asked to try again what is parked folds from then on, and the other forgets what it had parked', async () => {
    const { acting, trailing } = await settled();
    broken = true;
    await trailing.waitFor(await append('thing-4', 'a', 'bad'), 3000);
    expect([acting.parkedCount, trailing.parkedCount]).toEqual([1, 0]);
    broken = false;
    await trailing.retryParked();
    expect(trailing.standsBy).toBe(false);
    const position = await append('thing-4', 'c');
    for (const one of [acting, trailing]) expect(await one.waitFor(position, 5000)).toBe(true);
    expect(await tally('4')).toEqual({ count: 3, last: 'c' });
    expect([acting.parkedCount, trailing.parkedCount]).toEqual([0, 0]);
    expect([acting.standsBy, trailing.standsBy]).toEqual([true, false]);
  });
});

/** Work that takes its time, as much of it does. */
const pauseFor = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const event = (id: string, type: string): NewEvent => ({
  id: deterministicId('trailing', id), type, data: {},
  metadata: { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});
