import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { erasureStream } from '@kendt/domain';
import { randomId } from '@kendt/eventsourcing';
import { readConfig, readSecrets } from '@kendt/nest';
import { SqliteEventStore, SqliteKeyRing } from '@kendt/sqlite';
import { run } from './index.js';

const [ida, jens, at] = [randomId(), randomId(), '2026-03-01T09:00:00.000Z'];

describe('kendt keys bury', () => {
  let folder: string;
  let keyEncryptionKey: Uint8Array;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-bury-'));
    ({ keyEncryptionKey } = await readSecrets(readConfig({ DATA_DIR: folder }), { generate: true }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const withRing = async <T>(work: (ring: SqliteKeyRing) => Promise<T>): Promise<T> => {
    const ring = await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey });
    return work(ring).finally(() => ring.close());
  };
  const kendt = async (...args: string[]): Promise<{ code: number; out: string }> => {
    let out = '';
    const code = await run(['keys', 'bury', ...args], { env: { DATA_DIR: folder }, out: (text) => void (out += text), err: () => undefined });
    return { code, out };
  };
  const erased = async (customerId: string): Promise<void> => {
    await withRing(async (ring) => {
      for (const group of ['contact', 'purchases'] as const) await ring.destroy(customerId, group);
    });
    const store = await SqliteEventStore.open(join(folder, 'events.db'));
    const metadata = { commandId: randomId(), correlationId: randomId(), causationId: randomId(), actorKind: 'system' as const, actorId: 'test', recordedAt: at, schemaVersion: '1' };
    const event = { id: randomId(), type: 'KeysDestroyed', data: { customerId, groups: ['contact', 'purchases'], destroyedAt: at }, metadata };
    await store.append([{ stream: erasureStream(randomId()), expected: 'none', events: [event] }]);
    await store.close();
  };

  it('destroys again what a restored key ring has brought back, and nothing else', async () => {
    const kept = await withRing(async (ring) => {
      await ring.obtain(ida, 'contact');
      return ring.obtain(jens, 'contact');
    });
    copyFileSync(join(folder, 'keys.db'), join(folder, 'older'));
    await erased(ida);
    for (const end of ['-wal', '-shm']) rmSync(join(folder, `keys.db${end}`), { force: true });
    copyFileSync(join(folder, 'older'), join(folder, 'keys.db'));
    expect(await withRing((ring) => ring.find(ida, 'contact'))).toBeDefined();

    expect(await kendt()).toEqual({ code: 0, out: '2 keys were there again and are destroyed now, of 2 that the event log says were destroyed.\n' });
    await withRing(async (ring) => {
      expect([await ring.find(ida, 'contact'), await ring.isDestroyed(ida, 'contact'), await ring.obtain(ida, 'purchases')]).toEqual([undefined, true, undefined]);
      expect(await ring.find(jens, 'contact')).toEqual(kept);
    });
    expect(await kendt('--json')).toEqual({ code: 0, out: '{"known":2,"again":0}\n' });
  });
});
