import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId, type TopicMessage } from '@kendt/eventsourcing';
import { SqliteEventStore } from './event-store.sqlite.js';
import { type TemporaryFolder, temporaryFolder } from './on-file.examples.js';
import { SqliteTopics } from './topics.sqlite.js';
import { SqliteViews } from './views.sqlite.js';

const here = import.meta.dirname;
const hook = join(here, '../../../../tools/swc-hook.mjs');
const keys = ['ida', 'bo', 'eva'];

class Publisher {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #said: string[] = [];

  constructor(folder: string, name: string) {
    this.#child = spawn(process.execPath, ['--conditions=@kendt/source', '--import', hook, join(here, 'publisher.examples.ts'), folder, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#ended = once(this.#child, 'close');
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#said.push(...chunk.toString().trim().split('\n')));
  }

  async says(state: string): Promise<void> {
    while (this.#said.at(-1) !== state) await sleep(5);
  }

  /** Answers once the process is gone, where the signal ends it. */
  async send(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await this.#ended;
  }
}

describe('two processes that publish from the same files', () => {
  let kept: TemporaryFolder;
  let store: SqliteEventStore;
  let topics: SqliteTopics;
  let publishers: Publisher[];
  beforeEach(async () => {
    kept = temporaryFolder();
    store = await SqliteEventStore.open(join(kept.folder, 'events.db'));
    topics = await SqliteTopics.open(join(kept.folder, 'topics.db'));
    await topics.ensure([{ name: 'words', cleanup: 'delete' }]);
    publishers = [];
  });
  afterEach(async () => {
    for (const publisher of publishers) await publisher.send('SIGKILL');
    await store.close();
    await topics.close();
    kept.remove();
  });

  const start = (name: string): Publisher => {
    const publisher = new Publisher(kept.folder, name);
    publishers.push(publisher);
    return publisher;
  };
  let said = 0;
  const say = async (): Promise<string> => {
    let position = '';
    for (const key of keys) {
      const id = deterministicId('word', String(said++));
      const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'test', recordedAt: new Date().toISOString(), schemaVersion: '1' } as const;
      ({ position } = await store.append([{ stream: `word-${key}`, expected: 'any', events: [{ id, type: 'WordSaid', data: {}, metadata }] }]));
    }
    return position;
  };
  const messages: TopicMessage[] = [];
  const published = async (count: number): Promise<void> => {
    const enough = new AbortController();
    const ids = (): number => new Set(messages.map(({ headers }) => headers['ce_id'])).size;
    const handle = async (message: TopicMessage): Promise<void> => {
      messages.push(message);
      if (ids() === count) enough.abort();
    };
    await topics.consume({ topics: ['words'], group: 'test', signal: enough.signal, handle });
  };

  it('take turns: one acts, also when it is paused past its time, killed, or stopped', async () => {
    const a = start('a');
    await a.says('acts 1');
    const b = start('b');
    await b.says('stands by');
    await say();
    await published(3);

    await a.send('SIGUSR2');
    await say();
    await b.says('acts 2');
    await published(6);
    await a.send('SIGCONT');
    await a.says('stands by');
    await say();
    await published(9);

    await b.send('SIGKILL');
    await say();
    await a.says('acts 3');
    await published(12);

    const c = start('c');
    await c.says('stands by');
    await a.send('SIGTERM');
    await c.says('acts 4');
    const position = await say();
    await published(15);

    for (const key of keys) expect([...new Set(messages.filter((message) => message.key === key).map(({ value }) => Number(Buffer.from(value ?? []).toString())))]).toEqual([0, 1, 2, 3, 4]);
    expect(messages.slice(-3).map(({ headers }) => headers['by'])).toEqual(['c', 'c', 'c']);
    const views = await SqliteViews.open(join(kept.folder, 'views.db'));
    const checkpoints = await views.open<{ position: string; fence: number }>({ name: 'checkpoints@1' });
    while ((await checkpoints.get('publish'))?.value.position !== position) await sleep(10);
    expect((await checkpoints.get('publish'))?.value).toEqual({ position, fence: 4 });
    await views.close();
  });
});
