import { expect, it } from '@jest/globals';
import type { From, ReadTopic, TopicMessage, Topics } from '@kendt/eventsourcing';
import { rejection, type Subject } from './opened.js';
import { type Consuming, consume, message, quiet, text } from './topics.examples.js';

/** From where a topic can be read, by a group and without one. */
export const topicReadingClauses = (subject: Subject<Topics>): void => {
  const publish = (...texts: string[]): Promise<void> => subject.port.publish(texts.map((one) => message('t', 'k', one)));
  const events = (): Promise<void> => subject.port.ensure([{ name: 't', cleanup: 'delete' }]);
  const read = (options?: ReadTopic): Promise<TopicMessage[]> => Array.fromAsync(subject.port.read('t', options));
  const taken = async (consuming: Consuming, count: number): Promise<(string | null)[]> => {
    await consuming.until(count);
    await quiet();
    await consuming.stop();
    return consuming.texts();
  };

  /** Three messages with some time between the first and the others; how to begin with the second. */
  const threeMessages = async (): Promise<Record<'time' | 'offset', From>> => {
    await events();
    await publish('1');
    await quiet();
    const time = new Date().toISOString();
    await publish('2', '3');
    const [, second] = await read();
    return { time: { time }, offset: { offsets: { [second!.partition]: second!.offset } } };
  };

  it('reads what a topic keeps, and ends where the topic ended', async () => {
    await events();
    expect(await read()).toEqual([]);
    await subject.port.publish([message('t', 'k', '1'), message('t', 'k', null), message('t', 'k', '3')]);
    const got: TopicMessage[] = [];
    for await (const one of subject.port.read('t')) {
      if (got.push(one) === 1) await publish('too late');
    }
    expect(got.map(text)).toEqual(['1', null, '3']);
    expect(got[0]).toMatchObject({ topic: 't', key: 'k', headers: { 'ce-type': 'kendt.contract.v1' }, offset: expect.any(String) as unknown });
    expect((await read()).map(text)).toEqual(['1', null, '3', 'too late']);
    expect(await read({ from: 'end' })).toEqual([]);
  });

  it('reads from a time and from an offset', async () => {
    const { time, offset } = await threeMessages();
    expect((await read({ from: time })).map(text)).toEqual(['2', '3']);
    expect((await read({ from: offset })).map(text)).toEqual(['2', '3']);
    expect(await read({ from: { time: '2999-01-01T00:00:00Z' } })).toEqual([]);
  });

  it('reads on from a place in a compacted topic that nothing is kept at any more', async () => {
    await subject.port.ensure([{ name: 'c', cleanup: 'compact' }]);
    await subject.port.publish([message('c', 'ida', 'old'), message('c', 'bo', 'bo')]);
    const [first] = await Array.fromAsync(subject.port.read('c'));
    await subject.port.publish([message('c', 'ida', 'new')]);
    const again = await Array.fromAsync(subject.port.read('c', { from: { offsets: { [first!.partition]: first!.offset } } }));
    expect(again.map(text)).toEqual(expect.arrayContaining(['bo', 'new']));
  });

  it('ends reading early when it is told to stop', async () => {
    await threeMessages();
    const stop = new AbortController();
    const got: TopicMessage[] = [];
    for await (const one of subject.port.read('t', { signal: stop.signal })) {
      got.push(one);
      stop.abort();
    }
    expect(got.map(text)).toEqual(['1']);
  });

  it('reads no topic that was never made, and goes back in none', async () => {
    await events();
    expect(await rejection(Array.fromAsync(subject.port.read('missing')))).toMatchObject({ message: 'Topic missing does not exist' });
    expect(await rejection(subject.port.rewind('g', 'missing', 'start'))).toMatchObject({ message: 'Topic missing does not exist' });
  });

  it.each(['time', 'offset'] as const)('starts a new group from a given %s', async (kind) => {
    const { [kind]: from } = await threeMessages();
    expect(await taken(consume(subject.port, { topics: ['t'], group: 'g', from }), 2)).toEqual(['2', '3']);
    await publish('4');
    expect(await taken(consume(subject.port, { topics: ['t'], group: 'g', from }), 1)).toEqual(['4']);
  });

  it('lets a group that has handled everything go back to the start, to a time, to an offset, or to the end', async () => {
    const { time, offset } = await threeMessages();
    expect(await taken(consume(subject.port, { topics: ['t'], group: 'g' }), 3)).toEqual(['1', '2', '3']);
    for (const [from, rest] of [['start', ['1', '2', '3']], [time, ['2', '3']], [offset, ['2', '3']]] as const) {
      await subject.port.rewind('g', 't', from);
      expect(await taken(consume(subject.port, { topics: ['t'], group: 'g' }), rest.length)).toEqual(rest);
    }
    await subject.port.rewind('g', 't', 'start');
    await subject.port.rewind('g', 't', 'end');
    await publish('4');
    expect(await taken(consume(subject.port, { topics: ['t'], group: 'g' }), 1)).toEqual(['4']);
  });

  it('lets a group that has never read begin where it is told', async () => {
    const { offset } = await threeMessages();
    await subject.port.rewind('new', 't', offset);
    expect(await taken(consume(subject.port, { topics: ['t'], group: 'new' }), 2)).toEqual(['2', '3']);
  });
};
