import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkpointsView } from './checkpoint.js';
import { deterministicId } from './command-context.js';
import type { NewEvent } from './event-store.port.js';
import { follow, type Follower } from './follower.js';
import type { Following } from './follower.loop.js';
import { Lease, type LeaseDocument, leasesView, type LeaseOptions, type Tenure } from './lease.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { type View, type Views } from './views.port.js';

const never = new AbortController().signal;
const ttlMs = 3_600_000;
const quick = { ttlMs, renewMs: 10, lookMs: 2 };

describe('a lease', () => {
  let views: MemoryViews;
  let leases: Lease[];
  beforeEach(() => {
    views = new MemoryViews();
    leases = [];
  });
  afterEach(() => Promise.all(leases.map((lease) => lease.release())));

  const ask = (owner: string, options: Partial<LeaseOptions> = {}, on: Pick<Views, 'open'> = views): Lease => {
    const lease = new Lease(on, 'publishers', { owner, ...quick, ...options });
    leases.push(lease);
    return lease;
  };
  const granted = async (lease: Lease): Promise<Tenure> => {
    for (;;) {
      const tenure = await lease.granted(never, 1000);
      if (tenure) return tenure;
    }
  };
  const renewed = async (): Promise<void> => {
    const view = await views.open<LeaseDocument>(leasesView);
    const before = (await view.get('publishers'))?.revision;
    while ((await view.get('publishers'))?.revision === before) await nextLook();
  };
  const looked = async (lease: Lease): Promise<void> => {
    while (lease.owner === undefined) await nextLook();
  };

  it('is granted to one; the other stands by and knows who acts', async () => {
    const [first, second] = [ask('a'), ask('b')];
    expect((await granted(first)).fence).toBe(1);
    await looked(second);
    expect([await second.granted(never, 20), second.owner]).toEqual([undefined, 'a']);
  });

  it('is kept for as long as it is renewed, however long that is', async () => {
    const tenure = await granted(ask('a'));
    const clock = new TestClock();
    const second = ask('b', clock);
    for (let n = 0; n < 5; n++) {
      await renewed();
      await clock.read(3); // it has seen the new revision
      clock.ms += ttlMs - 1;
      expect(second.tenure).toBeUndefined();
    }
    expect(tenure.holds()).toBe(true);
  });

  it('is given up at once at a clean stop, and the next one’s fence is higher', async () => {
    const first = ask('a');
    const tenure = await granted(first);
    const second = ask('b');
    await looked(second);
    await first.release();
    expect([tenure.holds(), tenure.over.aborted]).toEqual([false, true]);
    expect((await granted(second)).fence).toBe(2);
  });

  it('goes to somebody else once its owner has not renewed it for the whole time, and not before', async () => {
    const dead = stoppable(views);
    await granted(ask('a', {}, dead));
    dead.stop();
    const clock = new TestClock();
    const second = ask('b', clock);
    await clock.read(3);
    clock.ms += ttlMs - 1;
    await clock.read(3);
    expect(second.tenure).toBeUndefined();
    clock.ms += 1;
    expect((await granted(second)).fence).toBe(2);
  });

  it('is over for an owner that could not renew it, before anybody else may have it', async () => {
    const cut = stoppable(views);
    const clock = new TestClock();
    const tenure = await granted(ask('a', clock, cut));
    cut.stop();
    clock.ms += ttlMs * 0.8;
    expect(tenure.holds()).toBe(true);
    clock.ms += ttlMs * 0.1;
    expect([tenure.holds(), tenure.over.aborted]).toEqual([false, true]);
  });

  it('is over for an owner who learns that somebody else has it', async () => {
    const tenure = await granted(ask('a'));
    const view = await views.open<LeaseDocument>(leasesView);
    await view.put('publishers', { fence: 7, owner: 'b' });
    await new Promise<void>((resolve) => tenure.over.addEventListener('abort', () => resolve()));
    expect(tenure.holds()).toBe(false);
  });

  it('is taken at once by the process that takes the place of a dead one of the same name', async () => {
    const dead = stoppable(views);
    await granted(ask('a', {}, dead));
    dead.stop();
    expect((await granted(ask('a'))).fence).toBe(2);
  });

  it('does not go back and forth between two that were wrongly given one name', async () => {
    const first = ask('a');
    await granted(first);
    const second = ask('a');
    expect((await granted(second)).fence).toBe(2);
    while (first.tenure) await nextLook();
    const tenure = second.tenure;
    await renewed();
    await renewed();
    expect([first.tenure, second.tenure]).toEqual([undefined, tenure]);
  });

  it('is kept where the answer to a renewal was lost, and where one cannot be written for a moment', async () => {
    let [lost, refused] = [1, 2];
    const shaky = putting(views, async (put) => {
      if (refused-- > 0) throw new Error('away');
      await put();
      if (lost-- === 1) throw new Error('no answer');
    });
    const first = ask('a', { onError: () => undefined }, shaky);
    const tenure = await granted(first);
    await renewed();
    await renewed();
    expect(tenure.holds()).toBe(true);
  });
});

describe('a follower with a lease', () => {
  let store: MemoryEventStore;
  let views: MemoryViews;
  let ends: (() => Promise<void>)[];
  beforeEach(() => {
    store = new MemoryEventStore();
    views = new MemoryViews();
    ends = [];
  });
  afterEach(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const start = (owner: string, seen: string[], { on = views, ...clock }: Pick<LeaseOptions, 'steady'> & { readonly on?: Views } = {}, handle?: Follower['handle']) => {
    const lease = new Lease(on, 'publishers', { owner, ...quick, ...clock });
    const following = follow({ store, views: on }, { name: 'watch', categories: ['thing'], handle: async (event) => (await handle?.(event), void seen.push(event.type)) }, { lease, retryDelays: [1, 1] });
    const stop = async (): Promise<void> => {
      await following.stop();
      await lease.release();
    };
    ends.push(stop);
    return { lease, following, stop };
  };
  const append = (...names: string[]) => store.append([{ stream: 'thing-1', expected: 'any', events: names.map(event) }]);
  const checkpoint = async (following: Following, position: string): Promise<void> => {
    const view = await views.open<{ position: string }>(checkpointsView);
    await following.waitFor(position, 5000);
    while ((await view.get('watch'))?.value.position !== position) await nextLook();
  };

  it('works in one process; the other knows how far that one is, and goes on where it stopped', async () => {
    const [here, there]: string[][] = [[], []];
    const first = start('a', here!);
    await first.following.waitFor((await append('a')).position, 5000);
    const second = start('b', there!);
    const { position } = await append('b');
    expect(await second.following.waitFor(position, 5000)).toBe(true);
    expect([second.following.standsBy, second.following.caughtUp, second.following.lagSeconds(new Date())]).toEqual([true, false, 0]);
    await first.stop();
    await second.following.waitFor((await append('c')).position, 5000);
    expect([here, there, second.following.standsBy]).toEqual([['a', 'b'], ['c'], false]);
  });

  it('an owner that was paused cannot move the checkpoint back, nor act once it has noticed', async () => {
    const [here, there]: string[][] = [[], []];
    const paused = stoppable(views);
    const first = start('a', here!, { on: paused });
    await checkpoint(first.following, (await append('a')).position);
    paused.pause();
    await append('b');
    while (here!.length < 2) await nextLook();
    const clock = new TestClock();
    const second = start('b', there!, clock);
    await clock.read(3);
    clock.ms += ttlMs;
    const { position } = await append('c');
    await checkpoint(second.following, position);
    paused.goOn(); // whatever it had in hand reaches the store only now
    while (!first.following.standsBy) await nextLook();
    expect(there).toEqual(['b', 'c']);
    const view = await views.open<{ position: string }>(checkpointsView);
    expect((await view.get('watch'))?.value).toEqual({ position, fence: 2 });
    await second.following.waitFor((await append('d')).position, 5000);
    expect([here!.includes('d'), there!.at(-1)]).toEqual([false, 'd']);
  });

  it('lets go of what it has in hand the moment its time is over', async () => {
    const here: string[] = [];
    const { lease } = start('a', here, {}, ({ type }) => {
      if (type === 'b' && here.length < 2) first?.end();
    });
    const first = await lease.granted(never, 5000);
    await append('a', 'b', 'c');
    while (lease.tenure === first || !here.includes('c')) await nextLook();
    expect(here).toEqual(['a', 'b', 'a', 'b', 'c']); // c was not touched in the first tenure, and all of it came again in the second
  });
});

const event = (name: string): NewEvent => ({
  id: deterministicId('thing', name),
  type: name,
  data: {},
  metadata: { commandId: name, correlationId: name, causationId: name, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});

const nextLook = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

class TestClock {
  ms = 0;
  #reads = 0;
  readonly steady = (): number => (this.#reads++, this.ms);

  /** Until it was looked at so many times more. */
  async read(times: number): Promise<void> {
    for (const until = this.#reads + times; this.#reads < until; ) await nextLook();
  }
}

/** Views as one process sees them that puts in its own way. */
const putting = (views: Views, way: (put: () => Promise<void>) => Promise<void>): Views => {
  const open = async (definition: { readonly name: string }) => {
    const view = await views.open(definition);
    return Object.assign(Object.create(view) as View<object>, { put: (...args: Parameters<typeof view.put>) => way(() => view.put(...args)) });
  };
  return { open: open as Views['open'], names: () => views.names(), drop: (name) => views.drop(name), close: () => views.close() };
};

const stoppable = (views: Views) => {
  let gate: Promise<void> | undefined;
  let open: () => void = () => undefined;
  let dead = false;
  const seen = putting(views, async (put) => {
    if (dead) throw new Error('dead');
    await gate;
    await put();
  });
  return {
    ...seen,
    stop: () => void (dead = true),
    pause: () => void (gate = new Promise((resolve) => (open = resolve))),
    goOn: () => {
      gate = undefined;
      open();
    },
  };
};

