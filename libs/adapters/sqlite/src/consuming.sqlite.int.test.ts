import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DeadLetters } from '@kendt/eventsourcing';
import { consumingContract, type ConsumingPorts } from '@kendt/testing';
import { onFile, temporaryFolder, traces } from './on-file.examples.js';
import { SqliteTopics } from './topics.sqlite.js';
import { SqliteViews } from './views.sqlite.js';

const open = async (file: string): Promise<ConsumingPorts> => {
  const [topics, views] = [await SqliteTopics.open(file), await SqliteViews.open(join(file, '..', 'views.db'))];
  return {
    topics, views,
    close: async () => {
      await topics.close();
      await views.close();
    },
  };
};

consumingContract('SQLite', onFile('topics.db', open));

describe('a dead letter', () => {
  it('is in no file any more once its customer is erased', async () => {
    const { folder, remove } = temporaryFolder();
    const topics = await SqliteTopics.open(join(folder, 'topics.db'));
    const views = await SqliteViews.open(join(folder, 'views.db'));
    const letters = new DeadLetters({ topics, views });
    const bought = `lamp-${randomBytes(6).toString('hex')}`;
    await letters.add('shop', { topic: 'in', key: 'ida', value: Buffer.from(bought), headers: {}, partition: 0, offset: '1', timestamp: new Date().toISOString() }, { code: 'HANDLING_FAILED' });
    expect(await letters.forget('ida', 'shop')).toBe(1);
    await topics.purge();
    expect(traces(folder, bought)).toEqual([]);
    expect(await letters.list()).toHaveLength(1);
    await topics.close();
    await views.close();
    remove();
  });
});
