import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { Commits } from './commits.js';
import { Lane, type LaneOptions } from './lane.js';

const message = (offset: number, bytes = 1): KafkaMessage => ({ key: Buffer.from('k'), value: Buffer.alloc(bytes), timestamp: '0', attributes: 0, offset: String(offset), headers: {} });

interface Watched extends LaneOptions {
  readonly tried: string[];
  readonly next: string[];
  readonly fullness: boolean[];
}

const watched = (handle: (offset: string) => Promise<void> = async () => undefined): Watched => {
  const [tried, next, fullness]: [string[], string[], boolean[]] = [[], [], []];
  return {
    tried, next, fullness, topic: 't', partition: 0, width: 1,
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
