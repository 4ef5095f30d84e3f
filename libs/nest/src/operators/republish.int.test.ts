import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryTopics, type Republication } from '@kendt/eventsourcing';
import { Followers } from '../runtime/followers.js';
import { memoryPorts, startTestService, tally, type TestService, ToldTalliesModule } from '../testing/index.js';

describe('publishing a topic once more', () => {
  let topics: MemoryTopics;
  let service: TestService;
  beforeEach(async () => {
    topics = new MemoryTopics();
    service = await startTestService({ modules: [ToldTalliesModule], ports: { ...memoryPorts(), topics } });
  });
  afterEach(() => service.close());

  const add = async (key: string, ...types: string[]): Promise<string> => {
    const position = await tally(service.ports.events, key, ...types);
    expect(await service.app.get(Followers).waitFor('publish-tallies', position, 5000)).toBe(true);
    return position;
  };
  const ask = async (body?: object): Promise<Record<string, unknown>> => {
    const init = { headers: { authorization: `Bearer ${service.secrets.operatorsKey}` }, ...(body && { method: 'POST', body: JSON.stringify(body) }) };
    return (await (await fetch(`${service.operatorsUrl}/operators/topics/republish`, init)).json()) as Record<string, unknown>;
  };
  const ended = async (): Promise<Republication> => {
    for (;;) {
      const [last] = (await ask())['republications'] as Republication[];
      if (last?.endedAt !== undefined) return last;
    }
  };
  const told = async (): Promise<string[]> => (await Array.fromAsync(topics.read('tallies'))).map(({ key, value, headers }) => `${key} ${Buffer.from(value!).toString()} ${headers['ce_id']}`);

  it('sends everything again in order, with the same ids, and what happens meanwhile after it', async () => {
    await add('ida', 'a', 'b');
    await add('bo', 'c');
    const before = await told();
    const publish = topics.publish.bind(topics);
    let happened: Promise<string> | undefined;
    topics.publish = (messages) => {
      happened ??= tally(service.ports.events, 'ida', 'later');
      return publish(messages);
    };
    expect(await ask({ topic: 'tallies', from: 'start' })).toMatchObject({ state: 'running', topic: 'tallies', dryRun: false });
    expect(await ended()).toMatchObject({ state: 'done', events: 3, messages: 3, skipped: 0 });
    await service.app.get(Followers).waitFor('publish-tallies', await happened!, 5000);
    const after = await told();
    expect(after.slice(0, 6)).toEqual([...before, ...before]);
    expect(after.slice(6)).toEqual([expect.stringMatching(/^tally-ida later /)]);
  });

  it('begins at a time, and only counts when asked to', async () => {
    await add('ida', 'a');
    await new Promise((resolve) => setTimeout(resolve, 2));
    const from = new Date().toISOString();
    await add('ida', 'b');
    await ask({ topic: 'tallies', from, dryRun: true });
    expect(await ended()).toMatchObject({ state: 'done', dryRun: true, events: 2, messages: 1 });
    expect(await told()).toHaveLength(2);
    await ask({ topic: 'tallies', from });
    await ended();
    expect((await told()).map((line) => line.split(' ')[1])).toEqual(['a', 'b', 'b']);
  });

  it('leaves out who cannot be told, from that event on, and says how many', async () => {
    await add('ida', 'a', 'secret', 'b');
    await add('bo', 'c');
    await ask({ topic: 'tallies', from: 'start' });
    expect(await ended()).toMatchObject({ state: 'done', messages: 2, skipped: 2 });
    expect((await told()).map((line) => line.split(' ')[1])).toEqual(['a', 'c', 'a', 'c']);
  });

  it('ends with a reason where the topics do not take it, and the publisher goes on', async () => {
    await add('ida', 'a');
    const publish = topics.publish.bind(topics);
    topics.publish = async () => Promise.reject(new RangeError('full'));
    await ask({ topic: 'tallies', from: 'start' });
    expect(await ended()).toMatchObject({ state: 'failed', reason: 'RangeError' });
    topics.publish = publish;
    await add('ida', 'b');
    expect(await told()).toHaveLength(2);
  });

  it('is refused for a topic that nobody here writes, and for what is no time', async () => {
    expect(await ask({ topic: 'kendt.other.v1', from: 'start' })).toMatchObject({ status: 404, code: 'TOPIC_UNKNOWN' });
    expect(await ask({ topic: 'tallies', from: 'yesterday' })).toMatchObject({ status: 422, code: 'BODY_INVALID' });
  });
});
