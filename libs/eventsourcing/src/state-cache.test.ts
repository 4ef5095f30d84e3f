import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Event, erased } from '@kendt/kernel';
import { CommandIds } from './command-ids.js';
import { deciding } from './decision.js';
import { type EventStore, type ReadOptions, START } from './event-store.port.js';
import { handle } from './handle.js';
import { type CachedKeyRing, cachedKeys } from './key-ring.cached.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryKeyRing } from './memory/key-ring.memory.js';
import { sealing } from './sealing.js';
import { remembering, StateCache } from './state-cache.js';
import { type Folding, readState } from './state.js';

describe('remembered states', () => {
  let store: ReturnType<typeof counting>;
  let cache: StateCache;
  let keys: CachedKeyRing;
  beforeEach(() => {
    cache = new StateCache();
    keys = cachedKeys(new MemoryKeyRing());
    keys.onDestroyed((customerId) => cache.forget(customerId));
    store = counting(sealing(new MemoryEventStore(), keys));
    remembering(store, cache);
  });
  const say = async (word: string, stream = 'diary-ida', commandId = word) =>
    handle(store, [deciding(diary, stream, () => [{ type: 'Said', data: { length: word.length }, personal: { contact: { word } } }])], { commandId, actor: { kind: 'system', id: 'test' } }, noon);
  const told = (stream = 'diary-ida') => readState(store, diary, stream);

  it('are the same as the stream says, and only what is newer is read', async () => {
    for (const word of ['one', 'two', 'three']) await say(word);
    expect(await told()).toEqual(['one', 'two', 'three']);
    store.reads.splice(0);
    expect(await told()).toEqual(['one', 'two', 'three']);
    expect(store.reads).toEqual([{ from: 3 }]);
  });

  it('see at once what somebody else has appended, and conflicts stay conflicts', async () => {
    await say('one');
    await told();
    const other = store.beneath; // another process, which remembers nothing of ours
    await handle(other, [deciding(diary, 'diary-ida', () => [{ type: 'Said', data: { length: 3 }, personal: { contact: { word: 'two' } } }])], { commandId: 'elsewhere', actor: { kind: 'system', id: 'test' } }, noon);
    expect(await told()).toEqual(['one', 'two']);
  });

  it('know a command that came before, however long ago', async () => {
    const first = await say('one', 'diary-ida', 'first');
    for (let n = 0; n < 100; n++) await say('more', 'diary-ida', `more-${n}`);
    const again = await say('something else', 'diary-ida', 'first');
    expect([again.position, again.events.map(({ id }) => id)]).toEqual([first.position, first.events.map(({ id }) => id)]);
    expect(await told()).toHaveLength(101);
  });

  it('are told apart by stream and by how they are folded', async () => {
    await say('one');
    await say('eleven', 'diary-bo');
    expect([await told(), await told('diary-bo'), await readState(store, letters, 'diary-ida'), await told()]).toEqual([['one'], ['eleven'], 3, ['one']]);
  });

  it('show nothing of what is destroyed', async () => {
    await say('secret');
    expect(await told()).toEqual(['secret']);
    await keys.destroy('ida', 'contact');
    expect(await told()).toEqual([erased]);
  });

  it('show nothing of what is destroyed while they are being read', async () => {
    for (let n = 0; n < 20; n++) {
      const stream = `diary-person.${n}`;
      await say('secret', stream, `c-${n}`);
      const reading = told(stream);
      for (let turn = 0; turn < n; turn++) await Promise.resolve(); // the destruction falls into another moment each time
      await Promise.all([reading, keys.destroy(`person.${n}`, 'contact')]);
      expect(await told(stream)).toEqual([erased]);
    }
  });

  it('of others stay when one loses a key', async () => {
    await say('one');
    await say('two', 'diary-bo');
    await Promise.all([told(), told('diary-bo')]);
    await keys.destroy('ida', 'contact');
    store.reads.splice(0);
    await told('diary-bo');
    expect(store.reads).toEqual([{ from: 1 }]);
  });

  it('are not kept for longer than they may be, however often they are used', async () => {
    remembering(store, new StateCache({ age: 20 }));
    await say('one');
    store.reads.splice(0);
    const wholeReads = (): number => store.reads.filter(({ from }) => from === 0).length;
    for (const end = performance.now() + 5000; performance.now() < end && wholeReads() < 3; ) await told();
    expect(wholeReads()).toBe(3);
  });

  it('leave the memory when their time is over, also where nobody asks any more', async () => {
    const short = new StateCache({ age: 20 });
    remembering(store, short);
    await say('one');
    await told();
    expect(short.size).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(short.size).toBe(0);
  });
});

describe('the room for states', () => {
  const folded = (text: string, revision = 0) => ({ state: text, revision, position: START, commands: new CommandIds() });

  it('has an upper bound in owners: the oldest goes', () => {
    const cache = new StateCache({ owners: 2 });
    for (const key of ['a', 'b', 'c']) cache.put(`diary-${key}`, diary, folded(key), cache.generation);
    expect(['a', 'b', 'c'].map((key) => cache.get<string>(`diary-${key}`, diary)?.state)).toEqual([undefined, 'b', 'c']);
  });

  it('has an upper bound in weight, and is not given to one giant', () => {
    const cache = new StateCache({ weight: 10_000 });
    for (let n = 0; n < 100; n++) cache.put(`diary-${n}`, diary, folded('x'.repeat(1000)), cache.generation);
    expect(cache.size).toBeGreaterThan(3);
    expect(cache.size).toBeLessThan(10);
    const before = cache.size;
    cache.put('diary-giant', diary, folded('x'.repeat(100_000)), cache.generation);
    expect([cache.size, cache.get('diary-giant', diary)]).toEqual([before, undefined]);
  });

  it('counts a state once, however often it is replaced', () => {
    const cache = new StateCache({ weight: 10_000 });
    for (let n = 0; n < 100; n++) cache.put('diary-a', diary, folded('x'.repeat(1000), n), cache.generation);
    cache.put('diary-b', diary, folded('b'), cache.generation);
    expect(cache.get('diary-a', diary)?.revision).toBe(99);
  });

  it('is not for an older state than the one that is there', () => {
    const cache = new StateCache();
    cache.put('diary-a', diary, folded('new', 2), cache.generation);
    cache.put('diary-a', diary, folded('old', 1), cache.generation);
    expect(cache.get('diary-a', diary)?.state).toBe('new');
  });
});

describe('command ids', () => {
  it('are all known again, and others hardly ever', () => {
    const ids = new CommandIds();
    for (let n = 0; n < 10_000; n++) ids.add(`command-${n}`);
    expect(Array.from({ length: 10_000 }, (_, n) => ids.mayHold(`command-${n}`)).every(Boolean)).toBe(true);
    expect(Array.from({ length: 1000 }, (_, n) => ids.mayHold(`other-${n}`)).filter(Boolean).length).toBeLessThan(3);
    expect(ids.bytes).toBeLessThanOrEqual(4 * 16_384);
  });
});

type Said = Event<'Said', { length: number }, { contact: { word: string } }>;

const diary: Folding<Said, readonly string[]> = {
  initialState: [],
  evolve: (words, { personal: { contact } }) => [...words, contact === erased ? erased : contact.word],
};

const letters: Folding<Said, number> = { initialState: 0, evolve: (sum, { data }) => sum + data.length };

const noon = '2026-03-01T12:00:00.000Z';

const counting = (store: EventStore): EventStore & { readonly reads: ReadOptions[]; readonly beneath: EventStore } => {
  const reads: ReadOptions[] = [];
  return {
    reads,
    beneath: store,
    append: (appends) => store.append(appends),
    read: (stream, options = {}) => {
      reads.push(options);
      return store.read(stream, options);
    },
    subscribe: (options) => store.subscribe(options),
    close: () => store.close(),
  };
};
