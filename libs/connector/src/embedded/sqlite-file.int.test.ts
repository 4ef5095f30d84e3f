import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FileKind, openSqliteFile, pragma } from './sqlite-file.js';

const lamps: FileKind = { name: 'lamp store', applicationId: 77, version: 1, schema: 'CREATE TABLE lamps (name TEXT, light BLOB)' };

describe('openSqliteFile', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-file-'));
    file = join(folder, 'deep', 'lamps.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (kind = lamps, mustExist = false): DatabaseSync => openSqliteFile({ file, kind, mustExist, connect: (path) => new DatabaseSync(path) });
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  const made = (rows = 500): void => {
    const db = open();
    db.exec('BEGIN');
    for (let n = 0; n < rows; n++) db.prepare('INSERT INTO lamps VALUES (?, ?)').run(`lamp ${n}`, Buffer.alloc(500, n));
    db.exec('COMMIT');
    db.close();
  };

  it('makes file, log and index for the owner alone, in a folder for the owner alone', () => {
    const db = open();
    db.exec("INSERT INTO lamps VALUES ('a', NULL)");
    expect([join(folder, 'deep'), file, `${file}-wal`, `${file}-shm`].map(mode)).toEqual(['700', '600', '600', '600']);
    db.close();
  });

  it('sets on every connection what makes a commit durable and a delete real', () => {
    open().close();
    const db = open();
    expect(['synchronous', 'secure_delete', 'foreign_keys', 'busy_timeout'].map((name) => pragma(db, name))).toEqual([2, 1, 1, 5000]);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    db.close();
  });

  it.each<[string, () => void, RegExp]>([
    ["another program's database", () => new DatabaseSync(file).exec('CREATE TABLE other (x)'), /lamps\.db is not a Kendt lamp store/],
    ['another kind of ours', () => open({ ...lamps, applicationId: 78 }).close(), /lamps\.db is not a Kendt lamp store/],
    ['a newer version', () => open({ ...lamps, version: 2 }).close(), /lamps\.db was written by a newer version of Kendt/],
    ['text', () => writeFileSync(file, 'hello '.repeat(1000)), /lamps\.db is damaged, or not a Kendt lamp store at all/],
    ['a file that was cut off', () => (made(), truncateSync(file, 20_000)), /lamps\.db is damaged/],
    ['a file with holes', () => (made(), writeFileSync(file, readFileSync(file).fill(0xa5, 8192, 16_384))), /lamps\.db is damaged/],
    ['a folder', () => mkdirSync(file), /lamps\.db cannot be opened as the lamp store/],
  ])('refuses %s in one sentence, and leaves it as it is', (_, make, sentence) => {
    mkdirSync(join(folder, 'deep'), { recursive: true });
    make();
    const before = statSync(file).isFile() ? readFileSync(file) : undefined;
    expect(() => open()).toThrow(sentence);
    if (before) expect(readFileSync(file).equals(before)).toBe(true);
  });

  const upgrades = { 1: "ALTER TABLE lamps ADD COLUMN colour TEXT DEFAULT 'white'", 2: 'CREATE INDEX lamps_name ON lamps (name)' };

  it('upgrades an older file step by step, once, and loses nothing', () => {
    made(10);
    for (let opening = 0; opening < 2; opening++) {
      const db = open({ ...lamps, version: 3, upgrades });
      expect(db.prepare('SELECT count(*) AS lamps, min(colour) AS colour FROM lamps').get()).toEqual({ lamps: 10, colour: 'white' });
      expect(pragma(db, 'user_version')).toBe(3);
      db.close();
    }
    expect(() => open()).toThrow(/lamps\.db was written by a newer version of Kendt/);
  });

  it.each([
    ['fails in its second step', { ...upgrades, 2: 'CREATE INDEX lamps_name ON candles (name)' }, /lamps\.db cannot be opened as the lamp store/],
    ['is not there', { 1: upgrades[1] }, /lamps\.db was written by a version of Kendt that is too old for this one/],
  ])('leaves the file as it was when an upgrade %s', (_, broken, sentence) => {
    made(10);
    expect(() => open({ ...lamps, version: 3, upgrades: broken })).toThrow(sentence);
    const db = open();
    expect(pragma(db, 'user_version')).toBe(1);
    expect(Object.keys(db.prepare('SELECT * FROM lamps').get()!)).toEqual(['name', 'light']);
    db.close();
  });

  it('refuses a folder that is a file, and a file that must be there and is not', () => {
    expect(() => open(lamps, true)).toThrow(/lamps\.db does not exist yet/);
    expect(existsSync(join(folder, 'deep'))).toBe(false);
    writeFileSync(join(folder, 'deep'), '');
    expect(() => open()).toThrow(/lamps\.db cannot be opened as the lamp store/);
  });

  it('brings a file of an older version up in place, step by step, and keeps what is in it', () => {
    made(3);
    const upgrades = { 1: 'ALTER TABLE lamps ADD COLUMN shade TEXT', 2: "UPDATE lamps SET shade = 'green'" };
    const third = { ...lamps, version: 3, upgrades };
    const db = open(third);
    expect(pragma(db, 'user_version')).toBe(3);
    expect(db.prepare('SELECT name, shade FROM lamps').all()).toEqual([0, 1, 2].map((n) => ({ name: `lamp ${n}`, shade: 'green' })));
    db.close();
    open(third).close();
    expect(() => open()).toThrow('written by a newer version');
  });

  it('leaves the older version where a step fails or is not known', () => {
    made(3);
    const before = readFileSync(file);
    expect(() => open({ ...lamps, version: 3, upgrades: { 1: 'ALTER TABLE lamps ADD COLUMN shade TEXT', 2: 'nonsense' } })).toThrow('cannot be opened');
    expect(() => open({ ...lamps, version: 3, upgrades: { 2: 'SELECT 1' } })).toThrow('too old for this one');
    open().close();
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
