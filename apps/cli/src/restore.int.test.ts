import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { customer, customerStream } from '@kendt/domain';
import { readAll, readState } from '@kendt/eventsourcing';
import { holdDataFolder } from '@kendt/sqlite';
import { DataFolder, type Ran } from './backup.examples.js';

describe('kendt backup and kendt restore', () => {
  let data: DataFolder;
  let ida: string;
  let bo: string;
  beforeEach(async () => {
    data = new DataFolder();
    ida = await data.register('ida.holm@example.org');
    bo = await data.register('bo.jensen@example.org');
  });
  afterEach(() => data.remove());

  const backup = async (...args: readonly string[]): Promise<string[]> => {
    const { code, out, err } = await data.kendt('backup', ...args, '--json');
    expect([code, err]).toEqual([0, '']);
    return out.trim().split('\n').map((line) => (JSON.parse(line) as { folder: string }).folder);
  };
  const both = async (): Promise<[string, string]> => (await backup(data.at('b'), '--keys', data.at('k'))) as [string, string];
  const said = ({ code, err }: Ran): string => `${code} ${err.trim()}`;
  const inData = (): string[] => readdirSync(data.dataDir).filter((name) => !/^lock\.db$|-(wal|shm)$/.test(name)).sort();
  const bytes = (): string[] => ['events.db', 'views.db', 'topics.db', 'keys.db'].map((name) => createHash('sha256').update(readFileSync(join(data.dataDir, name))).digest('hex'));
  const emailOf = (id: string) => data.with(async ({ store }) => (await readAll(store, customerStream(id)))[0]?.personal?.['contact']);
  const statusOf = (id: string) => data.with(async ({ store }) => (await readState(store, customer, customerStream(id))).status);

  it('keeps keys and events apart, and says why', async () => {
    const why = 'Whoever has events and keys together, and the key-encryption key, can read everybody';
    for (const [folder, keys] of [['b', 'b'], ['b', 'b/keys'], ['k/events', 'k']] as const) expect(said(await data.kendt('backup', data.at(folder), '--keys', data.at(keys)))).toContain(why);
    expect(said(await data.kendt('backup', '--keys', data.dataDir))).toContain(why);
    await both();
    expect(said(await data.kendt('backup', '--keys', data.at('b')))).toContain(why);
    expect(said(await data.kendt('backup', data.at('k')))).toContain(why);
    expect(said(await data.kendt('backup'))).toMatch(/^1 Say where to/);
    expect([readdirSync(data.at('b')).filter((name) => !name.startsWith('.')), readdirSync(data.at('k')).filter((name) => !name.startsWith('.'))].map((names) => names.length)).toEqual([1, 1]);
  });

  it('tells a person what it made, and whether it is whole', async () => {
    const { out } = await data.kendt('backup', data.at('b'));
    const folder = out.split('\n')[0]!;
    expect(out).toMatch(/events\.db +\d+ +4 events +0000000000000004 +[0-9a-f]{16}/);
    expect((await data.kendt('backup', 'verify', folder)).out).toMatch(/is whole\.\n$/);
    expect(JSON.parse((await data.kendt('backup', 'verify', folder, '--json')).out)).toMatchObject({ folder, manifest: { format: 'kendt-backup' } });
    writeFileSync(join(folder, 'views.db'), 'x');
    expect(said(await data.kendt('backup', 'verify', folder))).toMatch(/^1 .*views\.db has not the size/);
    expect(said(await data.kendt('backup', 'verify', data.at('b')))).toMatch(/^1 .* is not a backup/);
    expect(readdirSync((await backup(data.at('e'), '--events-only'))[0]!).sort()).toEqual(['events.db', 'manifest.json', 'tombstones.jsonl']);
  });

  it('leaves out topics that lie in Kafka and says so, and leaves them alone when it restores', async () => {
    const [withTopics] = await backup(data.at('b'));
    data.settings = { TOPICS_URL: 'kafka://127.0.0.1:1' };
    const { code, out, err } = await data.kendt('backup', data.at('k'));
    expect([code, err]).toEqual([0, expect.stringMatching(/^Topics lie in Kafka and are not in this backup\..*`kendt topics republish/)]);
    const folder = out.split('\n')[0]!;
    expect(readdirSync(folder).sort()).toEqual(['events.db', 'manifest.json', 'tombstones.jsonl', 'views.db']);
    expect((await data.kendt('backup', data.at('e'), '--events-only')).err).toBe('');
    for (const source of [folder, withTopics!]) {
      const restored = await data.kendt('restore', source, '--replace');
      expect([restored.code, restored.out]).toEqual([0, expect.stringContaining('Careful: topics lie in Kafka and stay as they are') as unknown]);
      expect(restored.out).not.toContain('topics.db');
    }
    expect(await data.messages()).toHaveLength(4);
  });

  it('never restores over what is there without being told, nor what is not whole, and then touches nothing', async () => {
    const [events, keys] = await both();
    const before = bytes();
    expect(said(await data.kendt('restore', events))).toMatch(/^1 .*events\.db.* would be replaced: add --replace/);
    expect(said(await data.kendt('restore', events, '--keys', keys))).toMatch(/^1 .*keys\.db is there, and newer than any backup of it: leave --keys out/);
    expect(said(await data.kendt('restore', keys, '--replace'))).toMatch(/^1 .* is no backup of events, but of keys/);
    expect(said(await data.kendt('restore', '--keys', events, '--replace'))).toMatch(/^1 .* is no backup of keys/);
    expect(said(await data.kendt('restore', '--replace'))).toMatch(/^1 Say what to restore/);
    const held = holdDataFolder(data.dataDir);
    expect(said(await data.kendt('restore', events, '--replace'))).toMatch(/^1 Kendt is running already/);
    held.release();
    writeFileSync(join(events, 'topics.db'), 'x');
    expect(said(await data.kendt('restore', events, '--replace'))).toMatch(/^1 .*topics\.db has not the size/);
    expect([bytes(), inData()]).toEqual([before, ['events.db', 'keys.db', 'secrets', 'topics.db', 'views.db']]);
  });

  it('brings everything back, and moves aside what was there, but for the views', async () => {
    const [events] = await both();
    const messages = (await data.messages()).length;
    const cara = await data.register('cara@example.org');
    const { code, out } = await data.kendt('restore', events, '--replace');
    expect([code, await emailOf(ida), await statusOf(cara), (await data.messages()).length]).toEqual([0, { email: 'ida.holm@example.org' }, 'absent', messages]);
    const aside = inData().filter((name) => name.startsWith('replaced-'));
    expect(readdirSync(join(data.dataDir, aside[0]!)).sort()).toEqual(['events.db', 'topics.db']);
    expect(out).toMatch(/Delete that folder as soon as it is not needed/);
    expect(await data.with(async ({ views }) => (await (await views.open({ name: 'customers@1' })).list()).documents.length)).toBe(2);
    expect(inData().filter((name) => (statSync(join(data.dataDir, name)).mode & 0o077) !== 0 || name.includes('restor'))).toEqual([]);
  });

  it('leaves nothing readable of who was erased after the backup, in no view and on no topic, and begins the erasure again', async () => {
    const [events] = await both();
    const offset = Number((await data.messages()).at(-1)?.offset);
    await data.erase(ida);
    const restored = JSON.parse((await data.kendt('restore', events, '--replace', '--json')).out) as object;
    expect(restored).toMatchObject({ erasedAgain: 1, viewsAreBuiltAnew: true, warnings: [] });
    expect(existsSync(join(data.dataDir, 'views.db'))).toBe(false);
    expect([await statusOf(ida), await statusOf(bo), await emailOf(ida), await emailOf(bo)]).toEqual(['frozen', 'active', 'erased', { email: 'bo.jensen@example.org' }]);
    const left = await data.messages();
    expect(left.map(({ key, value }) => `${key} ${Buffer.from(value ?? []).toString()}`)).toEqual([`${bo} {"email":"bo.jensen@example.org"}`, `order-1 {"customerId":"${bo}","lines":["sofa"]}`]);
    await data.register('dan@example.org');
    expect(Number((await data.messages()).at(-1)?.offset)).toBeGreaterThan(offset + 1000); // no offset is given twice
  });

  it('destroys in restored keys what was destroyed since, whoever still knows of it', async () => {
    const [events, keys] = await both();
    await data.erase(ida);
    const [later] = await backup(data.at('b'));
    const lose = (...names: string[]): void => names.forEach((name) => rmSync(join(data.dataDir, name), { recursive: true, force: true }));
    const begin = (): void => lose(...inData().filter((name) => name !== 'secrets'));
    lose('keys.db');
    expect(await data.kendt('restore', '--keys', keys)).toMatchObject({ code: 0 }); // the events here know
    expect([await emailOf(ida), await emailOf(bo)]).toEqual(['erased', { email: 'bo.jensen@example.org' }]);
    begin();
    expect(await data.kendt('restore', events, '--keys', keys, '--tombstones', later!)).toMatchObject({ code: 0 }); // a later backup knows
    expect([await emailOf(ida), await statusOf(ida)]).toEqual(['erased', 'frozen']);
    begin();
    expect(await data.kendt('restore', later!, '--keys', keys)).toMatchObject({ code: 0 }); // the restored events know
    expect([await emailOf(ida), await statusOf(ida)]).toEqual(['erased', 'erased']);
    expect((await data.messages()).filter(({ key }) => key === bo)).toHaveLength(1);
  });

  it('refuses keys that do not fit: of another key-encryption key, or older than the events', async () => {
    const [keys] = await backup('--keys', data.at('k'));
    const cara = await data.register('cara@example.org');
    const [events] = await backup(data.at('b'));
    renameSync(join(data.dataDir, 'keys.db'), data.at('lost.db'));
    expect(said(await data.kendt('restore', events!, '--replace'))).toMatch(/^1 There is no key ring at .* as if they had been erased/);
    expect(said(await data.kendt('restore', events!, '--keys', keys!, '--replace'))).toMatch(/^1 1 customers have data in the log that no key opens, and were never erased/);
    writeFileSync(data.at('data/secrets/key-encryption-key'), Buffer.alloc(32, 9).toString('base64url'), { mode: 0o600 });
    expect(said(await data.kendt('restore', events!, '--keys', keys!, '--replace', '--accept-lost-keys'))).toMatch(/^1 The backup of the keys does not fit .*another key-encryption key/);
    expect(inData()).toEqual(['events.db', 'secrets', 'topics.db', 'views.db']);
    writeFileSync(data.at('data/secrets/key-encryption-key'), Buffer.alloc(32, 3).toString('base64url'), { mode: 0o600 });
    const { code, out } = await data.kendt('restore', events!, '--keys', keys!, '--replace', '--accept-lost-keys');
    expect([code, out]).toEqual([0, expect.stringMatching(/Careful: 1 customers have data/)]);
    expect([await emailOf(bo), await emailOf(cara)]).toEqual([{ email: 'bo.jensen@example.org' }, 'erased']);
  });

  it('is finished by the next restore when it was cut short, and Kendt does not start before', async () => {
    const [events] = await both();
    await data.register('cara@example.org');
    const target = (name: string): string => join(data.dataDir, name);
    const { moveAll } = await import('./restore.moves.js');
    for (const done of [0, 1, 2]) {
      const staged = ['events.db', 'topics.db'].map((name) => ({ target: target(name), staged: `${target(name)}.restoring`, aside: data.at(`data/replaced-${done}/${name}`) }));
      for (const move of staged) writeFileSync(move.staged, readFileSync(join(events, move.target.slice(data.dataDir.length + 1))));
      moveAll(data.dataDir, staged.slice(0, done)); // so far it came
      writeFileSync(target('restoring.json'), JSON.stringify({ moves: staged }));
      expect(() => holdDataFolder(data.dataDir)).toThrow(/A restore of .* was cut short: run `kendt restore` once more/);
      expect(said(await data.kendt('backup', data.at('b')))).toMatch(/^1 A restore of .* was cut short/);
      expect(await data.kendt('restore')).toMatchObject({ code: 0, out: expect.stringMatching(/^A restore that was cut short is finished now/) as unknown });
      expect(inData().filter((name) => name.includes('restor'))).toEqual([]);
      expect(readdirSync(target(`replaced-${done}`)).sort()).toEqual(['events.db', 'topics.db']);
      expect(readFileSync(target('events.db')).equals(readFileSync(join(events, 'events.db')))).toBe(true);
    }
  });
});
