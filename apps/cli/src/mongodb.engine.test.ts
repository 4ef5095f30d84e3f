import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { customer, customerStream } from '@kendt/domain';
import { readState } from '@kendt/eventsourcing';
import { MongoKeyRing, MongoViews } from '@kendt/mongodb';
import { databaseUrl, passwordVariable } from '@kendt/testing/mongodb';
import { DataFolder, keyEncryptionKey, type Ran } from './backup.examples.js';

describe('kendt backup and kendt restore with views and keys in MongoDB', () => {
  let data: DataFolder;
  let ida: string;
  beforeEach(async () => {
    data = new DataFolder();
    ida = await data.register('ida.holm@example.org');
    const database = `kendt_test_${randomBytes(6).toString('hex')}`;
    data.settings = { KEYS_URL: databaseUrl(database), VIEWS_URL: databaseUrl(`${database}_views`), [passwordVariable]: process.env[passwordVariable] ?? '' };
    await withRing((ring) => ring.destroy(ida, 'contact'));
  });
  const opened: MongoViews[] = [];
  afterEach(async () => {
    for (const views of opened.splice(0)) await views.close();
    data.remove();
  });
  const said = ({ code, err }: Ran): string => `${code} ${err.trim()}`;
  const resolve = (): string => data.settings[passwordVariable]!;
  const withRing = async (work: (ring: MongoKeyRing) => Promise<void>): Promise<void> => {
    const ring = await MongoKeyRing.open({ url: data.settings['KEYS_URL']!, keyEncryptionKey: new Uint8Array(keyEncryptionKey), resolve });
    await work(ring).finally(() => ring.close());
  };
  const folderIn = (root: string): string => join(data.at(root), readdirSync(data.at(root)).find((each) => !each.startsWith('.'))!);

  it('takes what lies in files, with the tombstones of the ring in MongoDB, and says what is not in it', async () => {
    const { code, out, err } = await data.kendt('backup', data.at('b'));
    expect([code, err]).toEqual([0, 'Views lie in MongoDB and are not in this backup: they are built anew from the events.\n']);
    const folder = out.split('\n')[0]!;
    expect(readdirSync(folder).sort()).toEqual(['events.db', 'manifest.json', 'tombstones.jsonl', 'topics.db']);
    expect(JSON.parse(readFileSync(join(folder, 'tombstones.jsonl'), 'utf8'))).toMatchObject({ customerId: ida, group: 'contact' });
  });

  it('refuses to copy keys, and to bring them back, and says what to do instead', async () => {
    await data.kendt('backup', data.at('b'));
    const why = /^1 KEYS_URL names MongoDB: keys are backed up there with mongodump, restored with mongorestore, and then `kendt keys bury`/;
    expect(said(await data.kendt('backup', '--keys', data.at('k')))).toMatch(why);
    expect(said(await data.kendt('restore', folderIn('b'), '--keys', data.at('k'), '--replace'))).toMatch(why);
    expect(readdirSync(data.dataDir).some((each) => each.startsWith('replaced-'))).toBe(false);
  });

  it('restores events: who was erased since is erased again, as the ring or a later backup knows, and views begin anew', async () => {
    const bo = await data.register('bo.jensen@example.org');
    const cara = await data.register('cara@example.org');
    const dan = await data.register('dan@example.org');
    await withRing(async (ring) => void (await Promise.all([bo, cara, dan].map((id) => ring.obtain(id, 'contact')))));
    await data.kendt('backup', data.at('b'));
    await withRing((ring) => ring.destroy(dan, 'contact')); // only the ring knows
    const folder = folderIn('b');
    cpSync(folder, data.at('later'), { recursive: true });
    writeFileSync(data.at('later/tombstones.jsonl'), `${JSON.stringify({ customerId: bo, group: 'contact', destroyedAt: '2026-03-02T09:00:00.000Z' })}\n`);
    const views = await MongoViews.open({ url: data.settings['VIEWS_URL']!, resolve });
    opened.push(views);
    await (await views.open({ name: 'checkpoints@1' })).put('customers@1', { position: '0000000000000009' });

    expect(said(await data.kendt('restore', folder, '--tombstones', data.at('later')))).toMatch(/^1 .*events\.db.* would be replaced: add --replace/);
    expect(await views.names()).toEqual(['checkpoints@1']); // nothing was touched
    const { code, out } = await data.kendt('restore', folder, '--replace', '--tombstones', data.at('later'), '--json');
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ erasedAgain: 3, viewsAreBuiltAnew: true, warnings: [] })]);
    expect(await views.names()).toEqual([]);
    const statusOf = (id: string) => data.with(async ({ store }) => (await readState(store, customer, customerStream(id))).status);
    expect(await Promise.all([ida, bo, cara, dan].map(statusOf))).toEqual(['frozen', 'frozen', 'active', 'frozen']);
    await withRing(async (ring) => expect(await Promise.all([ida, bo, cara, dan].map((id) => ring.isDestroyed(id, 'contact')))).toEqual([true, true, false, true]));
  });
});
