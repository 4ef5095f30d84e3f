import { expect, it } from '@jest/globals';
import type { Topics } from '@kendt/eventsourcing';
import { eventually, rejection, type Subject } from './opened.js';
import { consume, message, quiet } from './topics.examples.js';

/** What can be seen and done about a group. */
export const topicGroupClauses = (subject: Subject<Topics>): void => {
  const events = (...names: string[]): Promise<void> => subject.port.ensure(names.map((name) => ({ name, cleanup: 'delete' })));
  const publish = (topic: string, ...texts: string[]): Promise<void> => subject.port.publish(texts.map((one) => message(topic, 'k', one)));

  it('moves no group that is consuming, also one that has nothing to do', async () => {
    await events('t');
    await publish('t', '1');
    const consuming = consume(subject.port, { topics: ['t'], group: 'g' });
    await consuming.control;
    await consuming.until(1);
    expect(await rejection(subject.port.rewind('g', 't', 'start'))).toMatchObject({ name: 'Refusal', code: 'GROUP_IS_CONSUMING' });
    await subject.port.rewind('other', 't', 'end');
    await consuming.stop();
    await subject.port.rewind('g', 't', 'start');
    const again = consume(subject.port, { topics: ['t'], group: 'g' });
    await again.until(1);
    await again.stop();
  });

  it('tells how many messages of each topic a group has not handled', async () => {
    await events('a', 'b', 'empty');
    await publish('a', '1', '2');
    await publish('b', '3');
    expect(await subject.port.lag('g', /^(a|b|empty)$/)).toEqual([{ topic: 'a', messages: 2 }, { topic: 'b', messages: 1 }, { topic: 'empty', messages: 0 }]);
    const consuming = consume(subject.port, { topics: ['a'], group: 'g' });
    await consuming.until(2);
    await consuming.stop();
    await publish('a', '4');
    expect(await subject.port.lag('g', ['a', 'b', 'not there'])).toEqual([{ topic: 'a', messages: 1 }, { topic: 'b', messages: 1 }]);
  });

  it('hands over nothing between pause and resume, and finishes what is in hand', async () => {
    await events('t');
    const release = Promise.withResolvers<void>();
    let started = false;
    const consuming = consume(subject.port, { topics: ['t'], group: 'g', handle: () => ((started = true), release.promise) });
    const control = await consuming.control;
    await publish('t', '1', '2');
    await eventually(() => started, 'the first is in hand');
    control.pause();
    release.resolve();
    await consuming.until(1);
    await publish('t', '3');
    await quiet();
    expect(consuming.texts()).toEqual(['1']);
    control.resume();
    await consuming.until(3);
    await consuming.stop();
    expect(consuming.texts()).toEqual(['1', '2', '3']);
  });

  it('stops while it is paused', async () => {
    await events('t');
    const consuming = consume(subject.port, { topics: ['t'], group: 'g' });
    (await consuming.control).pause();
    await publish('t', '1');
    await quiet();
    await consuming.stop();
    expect(consuming.texts()).toEqual([]);
  });

  it('names the topics that are there', async () => {
    expect(await subject.port.names()).toEqual([]);
    await events('b', 'a');
    expect(await subject.port.names()).toEqual(['a', 'b']);
  });
};
