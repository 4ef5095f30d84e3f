import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, sealing } from '@kendt/eventsourcing';
import Database from 'better-sqlite3';
import { backupsIn, readManifest, verifyBackup } from './backup-manifest.js';
import { dataParts, openBackupFolder, takeBackup, type TakeBackup } from './backup-set.js';
import { BackupError, type BackupKind, copyDatabase } from './backup.sqlite.js';
import { SqliteEventStore } from './event-store.sqlite.js';
import { SqliteKeyRing } from './key-ring.sqlite.js';
import { type TemporaryFolder, temporaryFolder } from './on-file.examples.js';
import { bury, tombstonesOf, unopenable } from './tombstones.sqlite.js';
import { SqliteTopics } from './topics.sqlite.js';
import { SqliteViews } from './views.sqlite.js';

const keyEncryptionKey = Buffer.alloc(32, 1);
const metadata = { commandId: 'c', correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T09:00:00.000Z', schemaVersion: '1' } as const;

describe('a backup', () => {
  let kept: TemporaryFolder;
  let keys: SqliteKeyRing;
  let store: EventStore;
  const data = (name: string): string => join(kept.folder, 'data', name);
  const root = (): string => join(kept.folder, 'backups');
  beforeEach(async () => {
    kept = temporaryFolder();
    keys = await SqliteKeyRing.open({ file: data('keys.db'), keyEncryptionKey });
    store = sealing(await SqliteEventStore.open(data('events.db')), keys);
    await (await SqliteViews.open(data('views.db'))).close();
    await (await SqliteTopics.open(data('topics.db'))).close();
  });
  afterEach(async () => {
    await store.close();
    await keys.close();
    kept.remove();
  });

  let count = 0;
  const say = (stream: string, id = `e${count++}`) =>
    store.append([{ stream, expected: 'any', events: [{ id, type: 'WordSaid', data: {}, personal: { contact: { word: 'x'.repeat(2000) } }, metadata }] }]);
  const files = (): Record<BackupKind, string> => ({ events: data('events.db'), views: data('views.db'), topics: data('topics.db'), keys: data('keys.db') });
  const take = (more: Partial<TakeBackup> = {}) => takeBackup({ parts: dataParts(files()), tombstones: () => tombstonesOf(data('keys.db')), root: root(), prefix: 'kendt', ...more });
  const everyName = (): string[] => (existsSync(root()) ? readdirSync(root()).filter((name) => name !== '.lock.db') : []);

  it('ends though somebody writes between any two of its steps, and holds the log as it was at one moment', async () => {
    for (let n = 0; n < 40; n++) await Promise.all(Array.from({ length: 100 }, () => say('word-a')));
    const { position } = await say('word-a', 'the last one before');
    let [steps, later] = [0, 0];
    const writer = new Database(data('events.db'));
    const insert = writer.prepare("INSERT INTO events (stream, revision, category, id, type, metadata, data) SELECT 'word-b', ?, 'word', ?, 'WordSaid', '{}', '{}'");
    await copyDatabase({ kind: 'events', from: data('events.db'), to: join(kept.folder, 'copy.db'), progress: () => {
      if (++steps > 500) throw new Error('It begins anew each time');
      insert.run(later, `later ${later++}`);
    } });
    writer.close();
    expect(steps).toBeGreaterThan(3);
    const copy = new Database(join(kept.folder, 'copy.db'), { readonly: true });
    expect(copy.prepare('SELECT count(*) AS count, max(position) AS last FROM events').get()).toEqual({ count: 4001, last: Number(position) });
    expect(copy.pragma('journal_mode', { simple: true })).toBe('delete');
    copy.close();
    expect(readdirSync(kept.folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']); // all of it is in one file
  });

  it('says in its manifest what it holds, by ids and numbers, and is for its owner alone', async () => {
    await say('customer-1');
    const { position } = await say('customer-2');
    await keys.destroy('1', 'contact');
    const { folder, manifest } = await take();
    expect(manifest.files.map(({ kind }) => kind)).toEqual(['views', 'topics', 'events', 'tombstones']);
    expect(manifest.files.find(({ kind }) => kind === 'events')).toMatchObject({ position, counts: { events: 2 } });
    expect(manifest.files.find(({ kind }) => kind === 'tombstones')).toMatchObject({ counts: { tombstones: 1 } });
    expect(await verifyBackup(folder)).toEqual(manifest);
    expect([folder, ...readdirSync(folder).map((name) => join(folder, name))].filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
    expect(backupsIn(root())).toHaveLength(1);
  });

  it('is whole or not there: what goes wrong in between leaves nothing', async () => {
    const copy: typeof copyDatabase = async (asked) => {
      if (asked.kind === 'events') throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
      await copyDatabase(asked);
    };
    await expect(take({ copy })).rejects.toThrow(/There is no room for .*: make room, or name a folder on another disk/);
    expect(everyName()).toEqual([]);
    await expect(take({ parts: [{ kind: 'events', file: data('keys.db') }] })).rejects.toThrow(/is not a Kendt event store/);
    await expect(take({ parts: [{ kind: 'events', file: data('nowhere.db') }] })).rejects.toThrow(/nowhere\.db does not exist/);
    writeFileSync(data('noise.db'), 'not a database, but long enough to be taken for a page of something else entirely'.repeat(60));
    await expect(take({ parts: [{ kind: 'events', file: data('noise.db') }] })).rejects.toThrow(/damaged, or not a Kendt database/);
    expect(everyName()).toEqual([]);
    expect((await take()).manifest.files).toHaveLength(4);
  });

  it('tells of a disk that is full in a sentence', () => {
    const program = `import('${join(import.meta.dirname, 'backup.sqlite.ts')}').then(({ copyDatabase }) => copyDatabase({ kind: 'events', from: '${data('big.db')}', to: '${data('copy.db')}' })).catch(({ name, message }) => console.log(name, message))`;
    const big = new Database(data('big.db'));
    big.exec('CREATE TABLE filler (bytes); INSERT INTO filler SELECT randomblob(1000000) FROM (VALUES (1), (2), (3), (4))');
    big.close();
    // A limit on the size of files is as good as a small disk, and needs no rights.
    const hook = join(import.meta.dirname, '../../../../tools/swc-hook.mjs');
    const said = execFileSync('bash', ['-c', `trap '' XFSZ; ulimit -f 1000; exec "$0" --conditions=@kendt/source --import "$1" -e "$2"`, process.execPath, hook, program], { encoding: 'utf8' });
    expect(said).toMatch(/^BackupError There is no room for .*copy\.db/);
  });

  it('is made one at a time, and removes what another one that was killed has left', async () => {
    const first = openBackupFolder(root(), 'kendt-1');
    await expect(take()).rejects.toThrow(/Another backup is being made/);
    first.drop();
    mkdirSync(join(root(), '.kendt-0.unfinished'));
    writeFileSync(join(root(), '.kendt-0.unfinished', 'views.db'), 'readable');
    expect(backupsIn(root())).toEqual([]);
    const { folder } = await take();
    expect(everyName()).toEqual([folder.slice(root().length + 1)]);
  });

  it('is not taken for whole when a byte was changed, a file is gone, or it is of a later version', async () => {
    await say('customer-1');
    const { folder } = await take();
    const events = readFileSync(join(folder, 'events.db'));
    const broken = async (change: () => void): Promise<string> => {
      change();
      return verifyBackup(folder).then(() => 'whole', (error: Error) => `${error.name}: ${error.message}`);
    };
    const other = Buffer.from(events);
    other[5000] = (other[5000] ?? 0) ^ 1;
    expect(await broken(() => writeFileSync(join(folder, 'events.db'), other))).toMatch(/^BackupError: .*events\.db has changed since it was written/);
    expect(await broken(() => writeFileSync(join(folder, 'events.db'), events.subarray(0, -1)))).toMatch(/has not the size/);
    expect(await broken(() => writeFileSync(join(folder, 'events.db'), events))).toBe('whole');
    const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8');
    expect(await broken(() => writeFileSync(join(folder, 'manifest.json'), manifest.replace('"version": 1', '"version": 2')))).toMatch(/newer version of Kendt/);
    expect(await broken(() => writeFileSync(join(folder, 'manifest.json'), manifest.replace('events.db', '../events.db')))).toMatch(/manifest\.json is damaged/);
    expect(await broken(() => writeFileSync(join(folder, 'manifest.json'), manifest.slice(20)))).toMatch(/manifest\.json is damaged/);
    expect(() => readManifest(root())).toThrow(BackupError);
  });

  it('of the keys brings no key back whose tombstone is known', async () => {
    for (const customer of ['1', '2']) await say(`customer-${customer}`);
    const { folder } = await take({ parts: [{ kind: 'keys', file: data('keys.db') }], root: join(kept.folder, 'keys') });
    await keys.destroy('1', 'contact');
    copyFileSync(join(folder, 'keys.db'), data('restored.db'));
    const wrapped = new Database(data('restored.db'), { readonly: true });
    const key = wrapped.prepare("SELECT wrapped FROM wrapped_keys JOIN keys USING (number) WHERE customer = '1'").pluck().get() as Buffer;
    wrapped.close();
    expect(bury(data('restored.db'), tombstonesOf(data('keys.db')))).toBe(1);
    expect(bury(data('restored.db'), tombstonesOf(data('keys.db')))).toBe(0);
    expect(readFileSync(data('restored.db')).includes(key)).toBe(false);
    expect(tombstonesOf(data('restored.db'))).toEqual(tombstonesOf(data('keys.db')));
    const ring = await SqliteKeyRing.open({ file: data('restored.db'), keyEncryptionKey });
    expect([await ring.obtain('1', 'contact'), await ring.find('2', 'contact')]).toEqual([undefined, await keys.find('2', 'contact')]);
    await ring.close();
  });

  it('of older keys than the events is found out: somebody is sealed in them whom no key opens', async () => {
    await say('customer-1');
    const { folder } = await take({ parts: [{ kind: 'keys', file: data('keys.db') }], root: join(kept.folder, 'keys') });
    for (const customer of ['2', '3']) await say(`customer-${customer}`);
    await keys.destroy('3', 'contact');
    bury(join(folder, 'keys.db'), tombstonesOf(data('keys.db')));
    expect(unopenable(data('events.db'), join(folder, 'keys.db'))).toEqual([{ customerId: '2', group: 'contact' }]); // 3 was erased
    expect(unopenable(data('events.db'), data('keys.db'))).toEqual([]);
  });
});
