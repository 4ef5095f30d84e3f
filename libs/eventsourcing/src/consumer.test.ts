import { beforeEach, describe, expect, it } from '@jest/globals';
import { Refusal } from '@kendt/kernel';
import { type Consumer, runConsumer } from './consumer.js';
import { MemoryTopics } from './memory/topics.memory.js';
import type { TopicMessage } from './topics.port.js';

describe('a consumer', () => {
  let topics: MemoryTopics;
  beforeEach(async () => {
    topics = new MemoryTopics();
    await topics.ensure([{ name: 'in', cleanup: 'delete' }]);
  });

  it('dead-letters a refused message at once, with its reason and where it stood, and goes on', async () => {
    const handled: string[] = [];
    await publish('bad', 'good');
    await run(async (message) => {
      handled.push(text(message));
      if (text(message) === 'bad') throw new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
    }, 2);
    expect(handled).toEqual(['bad', 'good']);
    const [letter] = await read('in.test.dlq', 1);
    expect(letter?.headers).toMatchObject({ 'kendt-reason': 'CUSTOMER_NOT_FOUND', 'kendt-topic': 'in', 'kendt-offset': expect.any(String) as unknown as string, ce_id: 'bad' });
    expect(letter?.key).toBe('ida');
  });

  it('tries again what failed by accident', async () => {
    let failures = 2;
    const handled: string[] = [];
    await publish('late');
    await run(async (message) => {
      if (failures-- > 0) throw new Error('database is away');
      handled.push(text(message));
    }, 1);
    expect(handled).toEqual(['late']);
  });

  it.each([new Refusal('CONCURRENT_CHANGE', 'Try again'), new Refusal('STORE_BUSY', 'Try again', 'busy')])('tries again after $code', async (refusal) => {
    let refusals = 2;
    const handled: string[] = [];
    await publish('late');
    await run(async (message) => {
      if (refusals-- > 0) throw refusal;
      handled.push(text(message));
    }, 1);
    expect(handled).toEqual(['late']);
  });

  it('dead-letters what keeps failing', async () => {
    let tries = 0;
    await publish('poison');
    await run(async () => {
      tries++;
      throw new Error('always');
    }, 1, 4);
    expect(tries).toBe(4);
    expect((await read('in.test.dlq', 1))[0]?.headers['kendt-reason']).toBe('HANDLING_FAILED');
  });

  const publish = (...values: string[]) =>
    topics.publish(values.map((value) => ({ topic: 'in', key: 'ida', value: Buffer.from(value), headers: { ce_id: value } })));

  /** Runs until `messages` are done with, each after at most `tries` tries. */
  const run = async (handle: Consumer['handle'], messages: number, tries = Infinity): Promise<void> => {
    const abort = new AbortController();
    let done = 0;
    const counting: Consumer['handle'] = async (message) => {
      try {
        await handle(message);
        done++;
      } catch (error) {
        if ((error instanceof Refusal && error.kind === 'not-found') || --tries === 0) done++;
        throw error;
      } finally {
        if (done === messages) abort.abort();
      }
    };
    await runConsumer(topics, { group: 'test', topics: ['in'], handle: counting }, abort.signal, { retryDelays: [1, 1, 1] });
  };

  const read = async (topic: string, count: number): Promise<TopicMessage[]> => {
    const messages: TopicMessage[] = [];
    const abort = new AbortController();
    await topics.consume({
      topics: [topic],
      group: 'reader',
      signal: abort.signal,
      handle: async (message) => {
        messages.push(message);
        if (messages.length === count) abort.abort();
      },
    });
    return messages;
  };
});

const text = ({ value }: TopicMessage): string => Buffer.from(value ?? []).toString();
