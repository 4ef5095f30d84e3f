import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keyEncryptionKeyId, localKeyWrapper } from '@kendt/eventsourcing';
import { addKeyEncryptionKey, readConfig, readKeyEncryptionKeys, readSecrets, useKeyEncryptionKey } from '@kendt/nest';
import { SqliteKeyRing } from '@kendt/sqlite';
import { run } from './index.js';

describe('kendt keys rotate', () => {
  let folder: string;
  let first: Buffer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-keys-'));
    first = (await readSecrets(readConfig({ DATA_DIR: folder }), { generate: true })).keyEncryptionKey;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const secrets = (): string => join(folder, 'secrets');
  const stands = (): string[] => readdirSync(secrets()).filter((name) => name.startsWith('key-encryption-key')).sort();
  const idInUse = async (): Promise<string> => keyEncryptionKeyId((await readKeyEncryptionKeys(secrets()))[0]!);
  const open = async (): Promise<SqliteKeyRing> => {
    const keys = await readKeyEncryptionKeys(secrets());
    return SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: keys[0]!, readKeyEncryptionKeys: () => readKeyEncryptionKeys(secrets()) });
  };
  const filled = async (count = 3): Promise<Uint8Array[]> => {
    const ring = await open();
    const keys = await Promise.all(Array.from({ length: count }, async (_, n) => (await ring.obtain(`c-${n}`, 'contact'))!));
    await ring.close();
    return keys;
  };
  const same = async (keys: readonly Uint8Array[]): Promise<void> => {
    const ring = await open();
    for (const [n, key] of keys.entries()) expect(await ring.find(`c-${n}`, 'contact')).toEqual(key);
    await ring.close();
  };
  const kendt = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const code = await run(['keys', 'rotate', ...args], { env: { DATA_DIR: folder }, out: (text) => void (out += text), err: (text) => void (err += text) });
    return { code, out, err };
  };

  it('wraps every key anew, keeps the old key-encryption key until told, and says what to do', async () => {
    const keys = await filled();
    const { code, out } = await kendt();
    expect([code, out]).toEqual([0, expect.stringMatching(/^3 keys were wrapped anew\.[^]*The old one was kept as .*--remove-old/)]);
    const id = await idInUse();
    expect(id).not.toBe(keyEncryptionKeyId(first));
    expect(stands()).toEqual(['key-encryption-key', `key-encryption-key.${keyEncryptionKeyId(first)}`]);
    await same(keys);
    const again = await kendt('--remove-old');
    expect(again.out).toMatch(/^Nothing to do: every key lies under [^]*was removed\. Backups of keys\.db made under it cannot be opened/);
    expect(stands()).toEqual(['key-encryption-key']);
    expect(await idInUse()).toBe(id);
    await same(keys);
    expect((await kendt('--again')).out).toMatch(/^3 keys were wrapped anew/);
    await same(keys);
  });

  it('takes a key from a file, and has nothing to do the second time', async () => {
    const keys = await filled();
    const given = randomBytes(32);
    const file = join(folder, 'given');
    writeFileSync(file, given.toString('base64url'), { mode: 0o600 });
    expect((await kendt('--key-file', file)).code).toBe(0);
    expect(await idInUse()).toBe(keyEncryptionKeyId(given));
    await same(keys);
    expect((await kendt('--key-file', file)).out).toMatch(/^Nothing to do: every key lies under the key-encryption key [0-9a-f]{16}\./);
  });

  it('finishes one that was cut off, wherever that was', async () => {
    const keys = await filled(5);
    const [second, third] = [randomBytes(32), randomBytes(32)];
    addKeyEncryptionKey(secrets(), second); // cut off before the key ring knew of it
    expect((await kendt()).out).toMatch(/^5 keys/);
    expect(await idInUse()).toBe(keyEncryptionKeyId(second));
    await same(keys);
    addKeyEncryptionKey(secrets(), third); // cut off after the last key, before the file was put into use
    const ring = await open();
    await ring.rotation.run(localKeyWrapper(third));
    await ring.close();
    await same(keys);
    expect((await kendt()).out).toMatch(/^0 keys/);
    expect(await idInUse()).toBe(keyEncryptionKeyId(third));
    await same(keys);
  });

  it('refuses in one sentence what cannot work, and changes nothing', async () => {
    const nowhere = await kendt();
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringMatching(/^There is no key ring .*keys\.db: set DATA_DIR or KEYS_URL/)]);
    expect(existsSync(join(folder, 'keys.db'))).toBe(false);
    const keys = await filled();
    const file = join(folder, 'given');
    writeFileSync(file, 'short', { mode: 0o600 });
    expect((await kendt('--key-file', file)).err).toBe(`The secret ${file} is not 32 bytes in base64url.\n`);
    writeFileSync(file, randomBytes(32).toString('base64url'));
    chmodSync(file, 0o644);
    expect((await kendt('--key-file', file)).err).toMatch(/can be read by others/);
    expect((await kendt('--key-file', join(folder, 'nothing'))).err).toMatch(/is missing/);
    expect(stands()).toEqual(['key-encryption-key']);
    const inUse = readFileSync(join(secrets(), 'key-encryption-key'));
    writeFileSync(join(secrets(), 'key-encryption-key'), randomBytes(32).toString('base64url'));
    expect((await kendt()).err).toMatch(/keys\.db was made with another key-encryption key/);
    writeFileSync(join(secrets(), 'key-encryption-key'), inUse);
    await same(keys);
    const second = randomBytes(32);
    writeFileSync(file, first.toString('base64url'));
    chmodSync(file, 0o600);
    addKeyEncryptionKey(secrets(), second);
    await kendt();
    expect((await kendt('--key-file', file)).err).toBe('This key-encryption key was in use before: take a new one.\n');
    useKeyEncryptionKey(secrets(), keyEncryptionKeyId(second));
    await same(keys);
  });
});
