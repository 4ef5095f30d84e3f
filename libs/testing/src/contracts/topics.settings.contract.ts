import { expect, it } from '@jest/globals';
import type { TopicDefinition, Topics } from '@kendt/eventsourcing';
import { eventually, rejection, type Subject } from './opened.js';
import { consume, message, quiet, text } from './topics.examples.js';

/** What the settings of a topic mean. */
export const topicSettingsClauses = (subject: Subject<Topics>, brokerFiles: boolean): void => {
  // A broker compacts what is in files that it has closed.
  const compacted: TopicDefinition = { name: 'c', cleanup: 'compact', partitions: 1, ...(brokerFiles && { segmentMs: 200, maxCompactionLagMs: 200, deleteRetentionMs: 200 }) };

  /** What a compacted topic keeps. A broker closes a file when the next message comes. */
  const kept = async (): Promise<(string | null)[]> => {
    if (brokerFiles) await subject.port.publish([message('c', 'next', 'next')]);
    return (await Array.fromAsync(subject.port.read('c'))).filter(({ key }) => key !== 'next').map(text);
  };

  it('refuses to publish to a topic that was never made, and publishes nothing then', async () => {
    await subject.port.ensure([{ name: 't', cleanup: 'delete' }]);
    expect(await rejection(subject.port.publish([message('t', 'k', 'a'), message('missing', 'k', 'b')]))).toMatchObject({ message: 'Topic missing does not exist' });
    const consuming = consume(subject.port, { topics: ['t'], group: 'g' });
    await quiet();
    await consuming.stop();
    expect(consuming.seen).toEqual([]);
  });

  it('makes a topic once, and reports one that stands there with other settings without touching it', async () => {
    await subject.port.ensure([{ name: 'c', cleanup: 'compact' }, { name: 'd', cleanup: 'delete', retentionMs: 60_000 }]);
    await subject.port.ensure([{ name: 'c', cleanup: 'compact' }, { name: 'd', cleanup: 'delete', retentionMs: 60_000 }]);
    expect(await rejection(subject.port.ensure([{ name: 'c', cleanup: 'delete' }]))).toMatchObject({ message: expect.stringContaining('c has cleanup') as unknown });
    expect(await rejection(subject.port.ensure([{ name: 'd', cleanup: 'delete', retentionMs: 1 }]))).toMatchObject({ message: expect.stringContaining('d has retention') as unknown });
    await subject.port.ensure([{ name: 'c', cleanup: 'compact' }, { name: 'd', cleanup: 'delete', retentionMs: 60_000 }]);
  });

  it('keeps of a compacted topic the last message of each key', async () => {
    await subject.port.ensure([compacted]);
    for (let n = 0; n < 5; n++) await subject.port.publish([message('c', 'ida', `ida${n}`), message('c', 'bo', `bo${n}`)]);
    await eventually(async () => (await kept()).join() === 'ida4,bo4', 'only the last of each key is left');
  });

  it('removes a key from a compacted topic by a tombstone, which consumers see', async () => {
    await subject.port.ensure([compacted]);
    const consuming = consume(subject.port, { topics: ['c'], group: 'g' });
    await subject.port.publish([message('c', 'ida', 'here'), message('c', 'bo', 'stays')]);
    await consuming.until(2);
    await subject.port.publish([message('c', 'ida', null)]);
    await consuming.until(3);
    await consuming.stop();
    expect(consuming.seen.at(-1)).toMatchObject({ key: 'ida', value: null });
    await eventually(async () => (await kept()).filter((one) => one !== null).join() === 'stays', 'the key is gone');
  });

  if (brokerFiles) return;
  it('gives out nothing that is older than the retention of its topic', async () => {
    await subject.port.ensure([{ name: 'short', cleanup: 'delete', retentionMs: 100 }]);
    await subject.port.publish([message('short', 'k', 'old')]);
    await quiet();
    await subject.port.publish([message('short', 'k', 'fresh')]);
    const consuming = consume(subject.port, { topics: ['short'], group: 'g' });
    await consuming.until(1);
    await consuming.stop();
    expect(consuming.texts()).toEqual(['fresh']);
  });
};
