import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId, type EventBatch, type NewEvent, readAll, START } from '@kendt/eventsourcing';
import { KurrentEventStore } from './event-store.kurrent.js';
import { StandIn } from './stand-in.examples.js';

const event = (word: string, command = word): NewEvent => ({
  id: deterministicId('event', word),
  type: 'WordSaid',
  data: { word },
  metadata: {
    commandId: deterministicId('command', command), correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'test',
    recordedAt: '2026-03-01T09:00:00.000Z', schemaVersion: '1',
  },
});

const away = { name: 'Refusal', code: 'STORE_AWAY', kind: 'busy' };
const deadline = 400;

let standIn: StandIn;
let store: KurrentEventStore;

beforeEach(async () => {
  standIn = await new StandIn().start();
  store = await KurrentEventStore.open({ url: standIn.url, deadline });
});

afterEach(async () => {
  await store.close();
  standIn.stop();
});

const say = (word: string, stream = 'word-a', command = word): Promise<{ position: string }> => store.append([{ stream, expected: 'any', events: [event(word, command)] }]);
const said = async (stream = 'word-a'): Promise<unknown[]> => (await readAll(store, stream)).map(({ data }) => (data as { word: string }).word);

const wordsIn = (batches: readonly EventBatch[]): unknown[] => batches.flatMap(({ events }) => events.map(({ data }) => (data as { word: string }).word));

describe('a server that fails', () => {
  it('has appended, but its answer is lost: the append is answered all the same, and nothing is written twice', async () => {
    standIn.faults.loseAnswers = true;
    const first = await say('1');
    standIn.faults.loseAnswers = false;
    expect(await say('1')).toEqual(first);
    expect(await said()).toEqual(['1']);
  }, 10_000);

  it('takes calls and never answers: each call ends within its deadlines', async () => {
    standIn.faults.silent = true;
    const asked = Date.now();
    await expect(readAll(store, 'word-a')).rejects.toMatchObject(away);
    await expect(say('1')).rejects.toMatchObject(away);
    await expect(KurrentEventStore.open({ url: standIn.url, deadline })).rejects.toMatchObject(away);
    expect(Date.now() - asked).toBeLessThan(6000);
    expect(standIn.log.records).toEqual([]);
  }, 15_000);

  it('goes away: everything is refused until it is back', async () => {
    await say('1');
    standIn.stop();
    await expect(say('2')).rejects.toMatchObject(away);
    await expect(readAll(store, 'word-a')).rejects.toMatchObject(away);
    await expect(store.append([])).rejects.toMatchObject(away);
    await standIn.start();
    await say('2');
    expect(await said()).toEqual(['1', '2']);
  }, 15_000);

  it('goes away again and again under a subscription: every event comes once and in order', async () => {
    const abort = new AbortController();
    const batches: EventBatch[] = [];
    standIn.faults.repeats = true;
    for (let n = 0; n < 3000; n++) standIn.log.append([{ stream: 'word-a', expected: -2, records: [raw(`h${n}`)] }]);
    const done = (async () => {
      for await (const batch of store.subscribe({ after: START, categories: ['word'], signal: abort.signal })) {
        batches.push(batch);
        if (batches.length < 4) {
          standIn.stop();
          await standIn.start();
        }
      }
    })();
    await until(() => wordsIn(batches).length === 3000 && batches.at(-1)?.caughtUp === true);
    standIn.stop();
    await standIn.start();
    await say('live');
    await until(() => wordsIn(batches).includes('live'));
    abort.abort();
    await done;
    expect(wordsIn(batches)).toEqual([...Array.from({ length: 3000 }, (_, n) => `h${n}`), 'live']);
    const positions = batches.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort());
  }, 20_000);
});

describe('what is in the database besides', () => {
  it('is passed event by event once history is through: a position is never behind', async () => {
    const abort = new AbortController();
    let seen = START;
    const done = (async () => {
      for await (const { position } of store.subscribe({ after: START, categories: ['word'], signal: abort.signal })) seen = position;
    })();
    for (let n = 0; n < 5; n++) {
      const { position } = await say(`${n}`, 'login-a');
      await until(() => seen === position);
    }
    abort.abort();
    await done;
  });

  it('passes by what Kendt did not write', async () => {
    const foreign = { id: deterministicId('foreign'), type: 'Other', data: Buffer.from('{"data":{}}'), metadata: '{}' };
    standIn.log.append([{ stream: 'word-a', expected: -2, records: [foreign, { ...foreign, type: '$>', id: deterministicId('link') }] }]);
    const { position } = await say('mine');
    expect(await said()).toEqual(['mine']);
    const abort = new AbortController();
    for await (const batch of store.subscribe({ after: START, categories: [], signal: abort.signal })) {
      if (batch.events.length > 0) expect(wordsIn([batch])).toEqual(['mine']);
      if (batch.position === position && batch.caughtUp) break;
    }
  });

  it('reads a deleted stream as empty, and appends to it no more', async () => {
    await say('1');
    standIn.log.tombstone('word-a');
    expect(await said()).toEqual([]);
    await expect(say('2')).rejects.toMatchObject({ name: 'Refusal', code: 'STREAM_DELETED', kind: 'gone' });
  });
});

describe('a command', () => {
  it('may append other events later', async () => {
    await say('first', 'word-a', 'same');
    await say('second', 'word-b', 'same');
    await say('third', 'word-a', 'same');
    expect(await said()).toEqual(['first', 'third']);
    expect(await said('word-b')).toEqual(['second']);
  });

  it('is known again though its stream has long moved on, and wherever it comes again', async () => {
    const first = await say('first');
    for (let n = 0; n < 30; n++) await say(`${n}`);
    expect(await say('first')).toEqual(first);
    expect(await store.append([{ stream: 'word-a', expected: 30, events: [event('first')] }])).toEqual(first);
    await expect(say('first', 'word-b')).rejects.toMatchObject({ code: 'EVENT_ID_REUSED' });
    expect(await said()).toHaveLength(31);
  });
});

describe('a refusal', () => {
  it('of what is too large for this server says which of its settings that is', async () => {
    standIn.faults.maxAppendSize = 100;
    await expect(say('1')).rejects.toMatchObject({ name: 'Refusal', code: 'APPEND_INVALID', message: expect.stringContaining('MaxAppendSize') as unknown });
  });

  it('of an event id that is no UUID comes before anything is written', async () => {
    const append = store.append([{ stream: 'word-a', expected: 'any', events: [{ ...event('1'), id: 'one' }] }]);
    await expect(append).rejects.toMatchObject({ code: 'APPEND_INVALID' });
    expect(standIn.log.records).toEqual([]);
  });

  it('of a server that is too old names what it is and what it must be', async () => {
    standIn.faults.version = '24.10.0';
    await expect(KurrentEventStore.open({ url: standIn.url })).rejects.toThrow('KurrentDB 24.10.0 cannot append to several streams at once: Kendt needs 25.1 or later.');
  });

  it('never shows a password', async () => {
    const password = 'correct horse battery staple';
    const opens = [
      { url: standIn.url.replace('127', 'kendt@127'), password },
      { url: 'kurrentdb://kendt@127.0.0.1:1?tls=true', password, deadline },
      { url: 'kurrentdb://kendt@127.0.0.1:1?tls=true&tlsCAFile=/nowhere.pem', password },
      { url: `kurrentdb://kendt:${encodeURIComponent(password)}@127.0.0.1:1` },
    ];
    for (const open of opens) {
      const error: unknown = await KurrentEventStore.open(open).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(everything(error)).not.toMatch(/correct|battery/);
    }
  }, 15_000);
});

it('closes once and for all', async () => {
  const batches = store.subscribe({ after: START, categories: [], signal: new AbortController().signal });
  const done = Array.fromAsync(batches);
  await say('1');
  await store.close();
  await store.close();
  expect((await done).length).toBeGreaterThan(0);
  await expect(store.append([])).rejects.toThrow('closed');
  await expect(readAll(store, 'word-a')).rejects.toThrow('closed');
});

const raw = (word: string): { id: string; type: string; data: Uint8Array; metadata: string } => {
  const { id, type, data, metadata } = event(word);
  return { id, type, data: Buffer.from(JSON.stringify({ data })), metadata: JSON.stringify(metadata) };
};

const until = async (holds: () => boolean): Promise<void> => {
  for (const limit = Date.now() + 15_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 5))) if (Date.now() > limit) throw new Error('It never came');
};

/** An error with all that hangs on it. */
const everything = (error: unknown): string =>
  error instanceof Error ? [error.message, error.stack, JSON.stringify(error), everything(error.cause)].join('\n') : JSON.stringify(error) ?? '';
