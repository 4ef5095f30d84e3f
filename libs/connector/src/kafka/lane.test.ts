import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { Commits } from './commits.js';
import { Lane, type LaneOptions } from './lane.js';
import type { KafkaRecord } from './message.js';

const message = (offset: number, bytes = 1, key = 'k'): KafkaMessage => ({ key: Buffer.from(key), value: Buffer.alloc(bytes), timestamp: '0', attributes: 0, offset: String(offset), headers: {} });
/** `1a`: offset 1, key a. */
const messages = (...said: string[]): KafkaMessage[] => said.map((one) => message(parseInt(one), 1, one.replace(/\d+/, '')));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Watched extends LaneOptions {
  readonly tried: string[];
  readonly next: string[];
  readonly fullness: boolean[];
}

const watched = (handle: (offset: string) => Promise<void> = async () => undefined, width = 1): Watched => {
  const [tried, next, fullness]: [string[], string[], boolean[]] = [[], [], []];
  return {
    tried, next, fullness, topic: 't', partition: 0, width,
    handle: async ({ offset }) => (tried.push(offset), handle(offset)),
    handled: (offset) => void next.push(offset),
    mayGoOn: async () => undefined,
    full: (full) => void fullness.push(full),
  };
};

describe('the lane of a partition', () => {
  it('hands over one message after the other, and a failing one again before those behind it', async () => {
    let failures = 2;
    const options = watched(async (offset) => {
      if (offset === '2' && failures-- > 0) throw new Error('not now');
    });
    const lane = new Lane(options);
    lane.take([message(1), message(2)]);
    lane.take([message(5)]);
    await lane.done;
    expect([options.tried, options.next]).toEqual([['1', '2', '2', '2', '5'], ['2', '3', '6']]);
  });

  it('finishes the message in hand when it is stopped, and takes up no more', async () => {
    const release = Promise.withResolvers<void>();
    const options = watched(() => release.promise);
    const lane = new Lane(options);
    lane.take([message(1), message(2)]);
    await new Promise((resolve) => setImmediate(resolve));
    lane.stop();
    release.resolve();
    await lane.done;
    lane.take([message(3)]);
    await lane.done;
    expect([options.tried, options.next, lane.next]).toEqual([['1'], ['2'], '2']);
  });

  it('waits for what the lane before it has in hand, and does not do it again', async () => {
    const release = Promise.withResolvers<void>();
    const old = new Lane(watched(() => release.promise));
    old.take([message(1), message(2)]);
    await new Promise((resolve) => setImmediate(resolve));
    old.stop();
    expect(old.next).toBe('1');
    const options = watched();
    const lane = new Lane(options, old);
    lane.take([message(1), message(2)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(options.tried).toEqual([]);
    release.resolve();
    await lane.done;
    expect([options.tried, options.next.at(-1)]).toEqual([['2'], '3']);
  });

  it('says when it is full, and when there is room again', async () => {
    const options = watched();
    const lane = new Lane(options);
    lane.take(Array.from({ length: 20 }, (_, n) => message(n, 100_000)));
    expect(options.fullness).toEqual([true]);
    await lane.done;
    expect(options.fullness).toEqual([true, false]);
  });
});

describe('the lane of a partition that may have several messages in hand', () => {
  /** Each message is in hand until it is released. */
  const held = (width: number) => {
    const releases = new Map<string, () => void>();
    const options = watched((offset) => new Promise((resolve) => releases.set(offset, resolve)), width);
    const release = async (...offsets: number[]): Promise<void> => {
      for (const offset of offsets) releases.get(String(offset))!();
      await turn();
    };
    return { options, release };
  };

  it('hands over those of different keys side by side, and those of one key one after the other', async () => {
    const { options, release } = held(10);
    const lane = new Lane(options);
    lane.take(messages('1a', '2b', '3a', '4c', '5a'));
    await turn();
    expect(options.tried).toEqual(['1', '2', '4']);
    await release(1);
    expect(options.tried).toEqual(['1', '2', '4', '3']);
    await release(2, 3, 4);
    await release(5);
    await lane.done;
    expect(options.tried).toEqual(['1', '2', '4', '3', '5']);
  });

  it('has no more in hand than it may', async () => {
    const { options, release } = held(2);
    const lane = new Lane(options);
    lane.take(messages('1a', '2b', '3c', '4d'));
    await turn();
    expect(options.tried).toEqual(['1', '2']);
    await release(2);
    expect(options.tried).toEqual(['1', '2', '3']);
    await release(1, 3);
    await release(4);
    await lane.done;
  });

  it('never tells an offset beyond one that is not handled', async () => {
    const { options, release } = held(10);
    const lane = new Lane(options);
    lane.take(messages('1a', '2b', '3c'));
    await turn();
    await release(2, 3);
    expect([options.next, lane.next]).toEqual([[], '1']);
    await release(1);
    await lane.done;
    expect(options.next).toEqual(['4']);
  });

  it('tries one again that fails, while others go on and later ones of its key wait', async () => {
    let failures = 2;
    const options = watched(async (offset) => {
      if (offset === '1' && failures-- > 0) throw new Error('not now');
    }, 10);
    const lane = new Lane(options);
    lane.take(messages('1a', '2b', '3a', '4b'));
    await lane.done;
    expect(options.tried).toEqual(['1', '2', '4', '1', '1', '3']);
    expect(options.next.at(-1)).toBe('5');
  });

  it('is full also by what is handled, as long as one before it is not', async () => {
    const { options, release } = held(10_000);
    const lane = new Lane(options);
    lane.take([message(0, 1, 'slow'), ...Array.from({ length: 12_000 }, (_, n) => message(n + 1, 1, `k${n}`))]);
    await turn();
    await release(...Array.from({ length: 9_000 }, (_, n) => n + 1));
    expect(options.fullness).toEqual([true]);
    await release(0);
    expect(options.fullness).toEqual([true, false]);
    lane.stop();
  });

  it('does not do again what the lane before it has done out of order, and waits for what that has in hand', async () => {
    const { options: before, release } = held(10);
    const old = new Lane(before);
    old.take(messages('1a', '2b', '3c', '4c'));
    await turn();
    await release(2);
    const options = watched(undefined, 10);
    const lane = new Lane(options, old);
    expect(lane.next).toBe(undefined);
    lane.take(messages('1a', '2b', '3c', '4c'));
    const third = new Lane(watched(undefined, 10), lane);
    third.take(messages('1a', '2b', '3c', '4c'));
    await turn();
    expect(options.tried).toEqual([]);
    await release(1, 3);
    await third.done;
    expect([before.tried, options.tried, (third['options'] as Watched).tried, third.next]).toEqual([['1', '2', '3'], [], ['4'], '5']);
  });

  it('keeps the order of every key, and never commits too much, in whatever order messages are done, fail, or a lane takes over', async () => {
    const step = fc.record({ take: fc.array(fc.nat(3), { maxLength: 4 }), end: fc.nat(20), fails: fc.nat(7).map((n) => n === 0), divided: fc.nat(9).map((n) => n === 0) });
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 40 }), async (width, steps) => {
      const group = new Group(width);
      for (const one of steps) await group.step(one);
      await group.finish();
    }), { numRuns: 60 });
  });
});

interface Step {
  /** Keys of messages that come. */
  readonly take: readonly number[];
  /** Which of those in hand ends. */
  readonly end: number;
  readonly fails: boolean;
  readonly divided: boolean;
}

/** A partition that is consumed; whatever happens, it looks whether a promise is broken. */
class Group {
  private readonly broken: string[] = [];
  private readonly log: KafkaMessage[] = [];
  private readonly inHand = new Map<string, PromiseWithResolvers<void>>();
  private readonly handled = new Set<number>();
  private lane: Lane;
  private committed = 0;

  constructor(private readonly width: number) {
    this.lane = this.open();
  }

  async step({ take, end, fails, divided }: Step): Promise<void> {
    const come = take.map((key, n) => message(this.log.length + n, 1, `k${key}`));
    this.log.push(...come);
    this.lane.take(come);
    await turn();
    this.end(end, fails);
    if (divided) {
      this.lane = this.open(this.lane);
      this.lane.take(this.log.slice(this.committed)); // what was fetched before is fetched again
    }
    await turn();
  }

  async finish(): Promise<void> {
    let ended = false;
    void this.lane.done.then(() => (ended = true));
    for (const latest = Date.now() + 2_000; !ended && this.broken.length === 0 && Date.now() < latest; await turn()) this.end(0, false);
    expect([this.broken, this.committed, this.handled.size]).toEqual([[], this.log.length, this.log.length]);
  }

  private end(which: number, fails: boolean): void {
    const [offset, work] = [...this.inHand][which % this.inHand.size] ?? [];
    if (!offset || !work) return;
    this.inHand.delete(offset);
    if (fails) return work.reject(new Error('not now'));
    this.handled.add(Number(offset));
    work.resolve();
  }

  private open(before?: Lane): Lane {
    const { width } = this;
    return new Lane({ topic: 't', partition: 0, width, handle: (record) => this.handle(record), handled: (next) => this.commit(Number(next)), mayGoOn: async () => undefined, full: () => undefined }, before);
  }

  private handle({ offset, key }: KafkaRecord): Promise<void> {
    this.must(this.log.slice(0, Number(offset)).every((one) => String(one.key) !== key || this.handled.has(Number(one.offset))), `${offset} has overtaken`);
    this.must(!this.handled.has(Number(offset)), `${offset} is handled twice`);
    const work = Promise.withResolvers<void>();
    this.inHand.set(offset, work);
    this.must(this.inHand.size <= this.width, `${this.inHand.size} are in hand`);
    return work.promise;
  }

  private commit(next: number): void {
    this.must(this.log.slice(0, next).every(({ offset }) => this.handled.has(Number(offset))), `${next} is committed too early`);
    this.must(next >= this.committed, `${next} is committed after ${this.committed}`);
    this.committed = next;
  }

  private must(isSo: boolean, otherwise: string): void {
    if (!isSo) this.broken.push(otherwise);
  }
}

describe('commits', () => {
  it('are made one at a time, with the newest offset of each partition', async () => {
    const made: string[][] = [];
    const first = Promise.withResolvers<void>();
    const commits = new Commits(async (offsets) => {
      made.push(offsets.map(({ partition, offset }) => `${partition}:${offset}`));
      if (made.length === 1) await first.promise;
    });
    commits.note({ topic: 't', partition: 0, offset: '1' });
    await new Promise((resolve) => setImmediate(resolve));
    for (const offset of ['2', '3']) commits.note({ topic: 't', partition: 0, offset });
    commits.note({ topic: 't', partition: 1, offset: '7' });
    first.resolve();
    await commits.flush();
    expect(made).toEqual([['0:1'], ['0:3', '1:7']]);
  });

  it('are tried again when they fail, unless the partition is lost', async () => {
    let [failing, made]: [boolean, string[]] = [true, []];
    const commits = new Commits(async (offsets) => {
      if (failing) throw new Error('no coordinator');
      made = offsets.map(({ partition, offset }) => `${partition}:${offset}`);
    });
    commits.note({ topic: 't', partition: 0, offset: '1' });
    commits.note({ topic: 't', partition: 1, offset: '1' });
    await commits.flush();
    commits.keep((place) => place === 't/1');
    failing = false;
    await commits.flush();
    expect(made).toEqual(['1:1']);
    commits.stop();
  });
});
