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
  it('lies in no file any more about a second after it was deleted, replaced or expired', async () => {
    const { folder, remove } = temporaryFolder();
    const views = await SqliteViews.open(join(folder, 'views.db'), { expireEveryMs: 50 });
    const view = await views.open<Person>({ name: 'people@1' });
    const emails = [secret(), secret(), secret()] as const;
    await view.put('1', { email: emails[0], filler: '' });
    await view.put('2', { email: emails[1], filler: '' });
    await view.put('3', { email: emails[2], filler: '' }, { expiresAt: new Date(Date.now() + 50) });
    const keys = views.read((store) => store.db.prepare('SELECT key FROM slots').pluck().all()) as Buffer[];
    const left = (): number => keys.filter((key) => Object.values(bytesOf(folder)).some((bytes) => bytes.includes(key))).length;
    expect(left()).toBe(3);
    await view.delete('1');
    await view.put('2', { email: 'other@example.org', filler: '' });
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(emails.flatMap((email) => traces(folder, email))).toEqual([]);
    expect(left()).toBe(0);
    expect(bytesOf(folder)['views.db-wal']).toHaveLength(0);
    await views.close();
    remove();
  });

  it('lies in no file after closing either, though another process has it open', async () => {
    const { folder, remove } = temporaryFolder();
    const [views, another] = [await SqliteViews.open(join(folder, 'views.db')), await SqliteViews.open(join(folder, 'views.db'))];
    const view = await views.open<Person>({ name: 'people@1' });
    await view.put('1', { email: secret(), filler: '' });
    const [key] = views.read((store) => store.db.prepare('SELECT key FROM slots').pluck().all()) as Buffer[];
    const deleting = view.delete('1');
    await views.close();
    await deleting;
    expect(Object.values(bytesOf(folder)).some((bytes) => bytes.includes(key!))).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 600)); // nothing of it is left running
    await another.close();
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
