import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { viewsContract } from '@kendt/testing';
import { bytesOf, onFile, temporaryFolder, traces } from './on-file.examples.js';
import { SqliteViews } from './views.sqlite.js';

viewsContract('SqliteViews', onFile('views.db', (file) => SqliteViews.open(file)), { durable: true });

interface Person {
  readonly email: string;
  readonly filler: string;
}

const secret = (): string => `ida.${randomBytes(9).toString('hex')}@example.org`;

describe('what SqliteViews has deleted', () => {
  it.each(['deleted', 'replaced', 'expired'])('lies in no file any more about a second after it was %s', async (how) => {
    const { folder, remove } = temporaryFolder();
    const views = await SqliteViews.open(join(folder, 'views.db'), { expireEveryMs: 50 });
    const view = await views.open<Person>({ name: 'people@1' });
    const email = secret();
    await view.put('1', { email, filler: '' }, how === 'expired' ? { expiresAt: new Date(Date.now() + 50) } : {});
    const written = bytesOf(folder);
    if (how === 'deleted') await view.delete('1');
    if (how === 'replaced') await view.put('1', { email: 'other@example.org', filler: '' });
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(traces(folder, email)).toEqual([]);
    // Nothing of what could be read before is left: not the sealed bytes with their key, which lie in the write-ahead log.
    expect(bytesOf(folder)['views.db-wal']?.length).toBe(0);
    expect(written['views.db-wal']?.length).toBeGreaterThan(0);
    await views.close();
    remove();
  });

  it('cannot be opened with any key that is left, however the tables were rebalanced', async () => {
    const { folder, remove } = temporaryFolder();
    const views = await SqliteViews.open(join(folder, 'views.db'));
    const view = await views.open<Person>({ name: 'people@1' });
    const ids: string[] = [];
    const keys: Buffer[] = [];
    for (let n = 0; n < 1200; n++) {
      const [id] = Math.random() < 0.6 || ids.length < 5 ? [randomUUID()] : ids.splice(Math.floor(Math.random() * ids.length), 1);
      const key = views.read((store) => store.db.prepare('SELECT key FROM slots JOIN documents USING (slot) WHERE id = ?').pluck().get(id!)) as Buffer | undefined;
      if (key) keys.push(key);
      if (key && Math.random() < 0.6) await view.delete(id!);
      else {
        ids.push(id!);
        await view.put(id!, { email: secret(), filler: 'x'.repeat(Math.random() < 0.05 ? 6000 : Math.random() * 700) });
      }
    }
    await views.purge();
    const bytes = Buffer.concat(Object.values(bytesOf(folder)));
    expect(keys.length).toBeGreaterThan(300);
    expect(keys.filter((key) => bytes.includes(key))).toEqual([]);
    await views.close();
    remove();
  });
});
