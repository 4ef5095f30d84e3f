import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from '@jest/globals';
import type { Ports } from '@kendt/nest';
import { memoryPorts, type TestService } from '@kendt/nest/testing';
import { SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';
import { expectPublished } from './published.examples.js';

const onFiles = async (folder: string): Promise<Ports> => ({
  events: await SqliteEventStore.open(join(folder, 'events.db')),
  views: await SqliteViews.open(join(folder, 'views.db')),
  topics: await SqliteTopics.open(join(folder, 'topics.db')),
  keys: await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: new Uint8Array(randomBytes(32)) }),
});

describe.each([['in memory', async () => memoryPorts()], ['on files', onFiles]])('what is published %s', (_, open) => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-published-'));
  let service: TestService | undefined;
  afterEach(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is, on a profile topic read from its start, exactly the customers of that brand; elsewhere ids only, in order per customer', async () => {
    await expectPublished(await open(folder), (running) => (service = running));
  });
});
