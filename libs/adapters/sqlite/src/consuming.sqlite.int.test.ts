import { join } from 'node:path';
import { consumingContract, type ConsumingPorts } from '@kendt/testing';
import { onFile } from './on-file.examples.js';
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
