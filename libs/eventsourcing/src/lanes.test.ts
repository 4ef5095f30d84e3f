import { describe, expect, it } from '@jest/globals';
import { Lanes } from './lanes.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that says when it begins and ends, and ends when told. */
const works = () => {
  const said: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async (): Promise<string> => {
    said.push(`${name} begins`);
    await new Promise<void>((resolve) => ends.set(name, resolve));
    said.push(`${name} ends`);
    return name;
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await turn();
  };
  return { said, work, end };
};

describe('lanes', () => {
  it('let those who touch the same stream wait for one another, in the order of arrival', async () => {
    const [lanes, { said, work, end }] = [new Lanes(), works()];
    const all = ['a', 'b', 'c'].map((name) => lanes.run(['one'], work(name)));
    await turn();
    for (const name of ['a', 'b', 'c']) await end(name);
    expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
  });

  it('let others pass', async () => {
    const [lanes, { said, work }] = [new Lanes(), works()];
    void lanes.run(['one'], work('a'));
    void lanes.run(['two'], work('b'));
    await turn();
    expect(said).toEqual(['a begins', 'b begins']);
  });

  it('never get stuck, in whatever order streams are named', async () => {
    const lanes = new Lanes();
    const names = ['one', 'two', 'three', 'four'];
    const pick = (n: number): string[] => names.filter((_, bit) => ((n * 7) % 16) & (1 << bit)).sort(() => (n % 2 ? 1 : -1));
    let inside = new Set<string>();
    const work = (streams: readonly string[]) => async (): Promise<void> => {
      expect(streams.filter((stream) => inside.has(stream))).toEqual([]);
      inside = new Set([...inside, ...streams]);
      await turn();
      for (const stream of streams) inside.delete(stream);
    };
    await Promise.all(Array.from({ length: 300 }, (_, n) => lanes.run(pick(n), work(pick(n)))));
    expect(inside.size).toBe(0);
  });

  it('go on after a failure', async () => {
    const lanes = new Lanes();
    const failing = lanes.run(['one'], async () => Promise.reject(new Error('broken')));
    const next = lanes.run(['one'], async () => 'next');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('next');
  });

  it('do not wait for ever for work that never ends', async () => {
    const lanes = new Lanes({ longest: 20 });
    void lanes.run(['one'], () => new Promise(() => undefined));
    expect(await lanes.run(['one'], async () => 'next')).toBe('next');
  });

  it('refuse when too many wait, and take on again when there is room', async () => {
    const [lanes, { work, end }] = [new Lanes({ most: 1 }), works()];
    const first = lanes.run(['one'], work('a'));
    const second = lanes.run(['one'], work('b'));
    await expect(lanes.run(['one'], work('c'))).rejects.toMatchObject({ code: 'STORE_BUSY', kind: 'busy' });
    await turn();
    await end('a');
    await end('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    expect(await lanes.run(['one'], async () => 'd')).toBe('d');
  });
});
