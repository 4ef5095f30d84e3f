import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { START, type StoredEvent } from '@kendt/eventsourcing';
import { SqliteEventStore } from './event-store.sqlite.js';
import { type TemporaryFolder, temporaryFolder } from './on-file.examples.js';

const here = import.meta.dirname;
const hook = join(here, '../../../../tools/swc-hook.mjs');

describe('several processes on one event store', () => {
  let kept: TemporaryFolder;
  beforeEach(() => void (kept = temporaryFolder()));
  afterEach(() => kept.remove());
  const file = (): string => join(kept.folder, 'events.db');

  const appender = (name: string, count: number): { child: ChildProcess; answered: string[]; ended: Promise<unknown> } => {
    const child = spawn(process.execPath, ['--conditions=@kendt/source', '--import', hook, join(here, 'appender.examples.ts'), file(), name, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const answered: string[] = [];
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      answered.push(...lines);
    });
    return { child, answered, ended: once(child, 'close') };
  };

  const everything = async (): Promise<StoredEvent[]> => {
    const store = await SqliteEventStore.open(file());
    const events: StoredEvent[] = [];
    const abort = new AbortController();
    for await (const batch of store.subscribe({ after: START, categories: [], signal: abort.signal })) {
      events.push(...batch.events);
      if (batch.caughtUp) abort.abort();
    }
    await store.close();
    return events;
  };

  it('lose nothing, double nothing and keep every stream in order, also where they fight for one', async () => {
    const appenders = ['a', 'b', 'c'].map((name) => appender(name, 200));
    await Promise.all(appenders.map(({ ended }) => ended));
    const events = await everything();
    expect(events.map(({ id }) => id).sort()).toEqual(appenders.flatMap(({ answered }) => answered).sort());
    expect(new Set(events.map(({ id }) => id)).size).toBe(600);
    expect(events.filter(({ stream }) => stream === 'word-shared').map(({ revision }) => revision)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  }, 30_000);

  it('hand every event once and in the order of the log to who has subscribed, while all of them write', async () => {
    const store = await SqliteEventStore.open(file());
    const [received, abort] = [[] as StoredEvent[], new AbortController()];
    const subscribed = (async () => {
      for await (const { events } of store.subscribe({ after: START, categories: [], signal: abort.signal })) if (received.push(...events) >= 600) abort.abort();
    })();
    await Promise.all(['a', 'b', 'c'].map((name) => appender(name, 200)).map(({ ended }) => ended));
    const inTime = setTimeout(() => abort.abort(), 5000);
    await subscribed;
    clearTimeout(inTime);
    await store.close();
    expect(received.map(({ id, position }) => ({ id, position }))).toEqual((await everything()).map(({ id, position }) => ({ id, position })));
    expect(received).toHaveLength(600);
  }, 30_000);

  it('keep everything that was answered when one is killed', async () => {
    const { child, answered, ended } = appender('a', 1_000_000);
    while (answered.length < 300) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await ended;
    const ids = new Set((await everything()).map(({ id }) => id));
    expect(answered.filter((id) => !ids.has(id))).toEqual([]);
  }, 30_000);
});
