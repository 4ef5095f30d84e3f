import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoKeyRing } from '@kendt/mongodb';
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
    const ring = await MongoKeyRing.open({ url: data.settings['KEYS_URL']!, keyEncryptionKey: new Uint8Array(keyEncryptionKey), resolve: () => data.settings[passwordVariable]! });
    await ring.destroy(ida, 'contact');
    await ring.close();
  });
  afterEach(() => data.remove());
  const said = ({ code, err }: Ran): string => `${code} ${err.trim()}`;

  it('takes what lies in files, with the tombstones of the ring in MongoDB, and says what is not in it', async () => {
    const { code, out, err } = await data.kendt('backup', data.at('b'));
    expect([code, err]).toEqual([0, 'Views lie in MongoDB and are not in this backup: they are built anew from the events.\n']);
    const folder = out.split('\n')[0]!;
    expect(readdirSync(folder).sort()).toEqual(['events.db', 'manifest.json', 'tombstones.jsonl', 'topics.db']);
    expect(JSON.parse(readFileSync(join(folder, 'tombstones.jsonl'), 'utf8'))).toMatchObject({ customerId: ida, group: 'contact' });
  });

  it('refuses to copy keys, and to restore anything, and says what to do instead', async () => {
    await data.kendt('backup', data.at('b'));
    const [name] = readdirSync(data.at('b')).filter((each) => !each.startsWith('.'));
    expect(said(await data.kendt('backup', '--keys', data.at('k')))).toMatch(/^1 KEYS_URL names MongoDB: keys are backed up there with mongodump, restored with mongorestore, and then `kendt keys bury`/);
    expect(said(await data.kendt('restore', data.at(`b/${name}`), '--replace'))).toMatch(/^1 VIEWS_URL names MongoDB, and only files can be restored by this command\. See "MongoDB and Kafka" in docs\/operations\.md/);
    const { VIEWS_URL: _, ...settings } = data.settings;
    data.settings = settings;
    expect(said(await data.kendt('restore', data.at(`b/${name}`), '--replace'))).toMatch(/^1 KEYS_URL names MongoDB/);
    expect(readdirSync(data.dataDir).some((each) => each.startsWith('replaced-'))).toBe(false);
  });
});
