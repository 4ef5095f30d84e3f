import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Command, type Decider, type Event, Refusal } from '@kendt/kernel';
import type { CommandContext } from './command-context.js';
import { type EventStore, readAll } from './event-store.port.js';
import { decision } from './decision.js';
import { handle } from './handle.js';
import { MemoryEventStore } from './memory/event-store.memory.js';

describe('handling a command', () => {
  let store: EventStore;
  beforeEach(() => {
    store = new MemoryEventStore();
  });

  it('appends what was decided, with who asked and when', async () => {
    const { position } = await handle(store, [decision(counter, 'counter-1', add(2))], context('c1'), noon);
    const [event] = await readAll(store, 'counter-1');
    expect(event).toMatchObject({ type: 'Added', data: { amount: 2 }, position });
    expect(event?.metadata).toMatchObject({ commandId: 'c1', actorKind: 'staff', actorId: 'kai', channel: 'till', brand: 'fjord', recordedAt: noon, schemaVersion: '1' });
  });

  it('decides on the state that the history leads to', async () => {
    await handle(store, [decision(counter, 'counter-1', add(9))], context('c1'), noon);
    await expect(handle(store, [decision(counter, 'counter-1', add(2))], context('c2'), noon)).rejects.toMatchObject({ code: 'TOO_MUCH' });
    expect(await readAll(store, 'counter-1')).toHaveLength(1);
  });

  it('lets a later command to one stream see what an earlier one decided', async () => {
    await expect(handle(store, [decision(counter, 'counter-1', add(9), add(2))], context('c1'), noon)).rejects.toBeInstanceOf(Refusal);
  });

  it('writes to several streams, or to none', async () => {
    await handle(store, [decision(counter, 'counter-1', add(1)), decision(counter, 'counter-2', add(2))], context('c1'), noon);
    await expect(
      handle(store, [decision(counter, 'counter-1', add(1)), decision(counter, 'counter-2', add(10))], context('c2'), noon),
    ).rejects.toBeInstanceOf(Refusal);
    expect(await readAll(store, 'counter-1')).toHaveLength(1);
  });

  it('gives the first answer again when the same command comes again', async () => {
    const first = await handle(store, [decision(counter, 'counter-1', add(6))], context('c1'), noon);
    const again = await handle(store, [decision(counter, 'counter-1', add(6))], context('c1'), later);
    expect(again.position).toBe(first.position);
    expect(again.events).toHaveLength(1);
    expect(await readAll(store, 'counter-1')).toHaveLength(1);
  });

  it('decides anew when somebody was faster', async () => {
    const racing = meddling(store, 2);
    await handle(racing, [decision(counter, 'counter-1', add(1))], context('c1'), noon);
    expect(await readAll(store, 'counter-1')).toHaveLength(3);
  });

  it('gives up after three tries, with a refusal that can be tried again', async () => {
    await expect(handle(meddling(store, 3), [decision(counter, 'counter-1', add(1))], context('c1'), noon)).rejects.toMatchObject({ code: 'CONCURRENT_CHANGE' });
  });

  it('gives both the same answer when the same command is handled twice at once, at different moments', async () => {
    const at = (moment: string) => handle(store, [decision(timed, 'counter-1', { ...add(1), at: moment })], context('c1'), moment);
    const [first, second] = await Promise.all([at(noon), at(later)]);
    expect(second.position).toBe(first.position);
    expect(await readAll(store, 'counter-1')).toHaveLength(1);
  });

  it('says so when a command id was used for another stream', async () => {
    await handle(store, [decision(counter, 'counter-1', add(1))], context('c1'), noon);
    await expect(handle(store, [decision(counter, 'counter-2', add(1))], context('c1'), noon)).rejects.toMatchObject({ code: 'EVENT_ID_REUSED' });
    expect(await readAll(store, 'counter-2')).toEqual([]);
  });

  it('gives all of 1,000 at once an answer: what the rules allow is done, and nobody hears of a conflict', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 1000 }, (_, n) => handle(store, [decision(counter, 'counter-1', add(1))], context(`c${n}`), noon)));
    const codes = answers.map((answer) => (answer.status === 'fulfilled' ? 'done' : (answer.reason as Refusal).code));
    expect([codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'TOO_MUCH').length]).toEqual([10, 990]);
    expect(await readAll(store, 'counter-1')).toHaveLength(10);
  });
});

type Add = Command<'Add', { amount: number }>;
type Added = Event<'Added', { amount: number }>;

/** Counts to ten and no further. */
const counter: Decider<Add, Added, number> = {
  initialState: 0,
  decide: ({ data }, total) => {
    if (total + data.amount > 10) throw new Refusal('TOO_MUCH', 'Ten is enough');
    return [{ type: 'Added', data }];
  },
  evolve: (total, { data }) => total + data.amount,
};

/** Writes down when it was asked. */
const timed: Decider<Add, Event<'Added', { amount: number; at: string }>, number> = {
  initialState: 0,
  decide: ({ data, at }) => [{ type: 'Added', data: { ...data, at } }],
  evolve: (total) => total,
};

const noon = '2026-03-01T12:00:00.000Z';
const later = '2026-03-01T13:00:00.000Z';
const add = (amount: number): Add => ({ type: 'Add', at: noon, data: { amount } });
const context = (commandId: string): CommandContext => ({ commandId, actor: { kind: 'staff', id: 'kai' }, channel: 'till', brand: 'fjord' });

/** A store where somebody else is faster, so many times. */
const meddling = (store: EventStore, times: number): EventStore => {
  let left = times;
  return {
    read: (stream, options) => store.read(stream, options),
    subscribe: (options) => store.subscribe(options),
    close: () => store.close(),
    append: async (appends) => {
      if (left-- > 0) await handle(store, [decision(counter, 'counter-1', add(1))], context(`other-${left}`), noon);
      return store.append(appends);
    },
  };
};
