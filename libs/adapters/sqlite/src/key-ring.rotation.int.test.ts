import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keyEncryptionKeyId, localKeyWrapper } from '@kendt/eventsourcing';
import Database from 'better-sqlite3';
import { SqliteKeyRing } from './key-ring.sqlite.js';
import { bytesOf, type TemporaryFolder, temporaryFolder } from './on-file.examples.js';

const here = import.meta.dirname;
const hook = join(here, '../../../../tools/swc-hook.mjs');
const fresh = (): Uint8Array => new Uint8Array(randomBytes(32));
const fingerprint = (key: Uint8Array | undefined): string => (key ? createHash('sha256').update(key).digest('hex') : 'destroyed');

describe('a rotation of the key-encryption key', () => {
  let kept: TemporaryFolder;
  let [old, next] = [fresh(), fresh()];
  beforeEach(() => {
    kept = temporaryFolder();
    [old, next] = [fresh(), fresh()];
    mkdirSync(join(kept.folder, 'data'));
  });
  afterEach(() => kept.remove());
  const file = (): string => join(kept.folder, 'data', 'keys.db');
  const open = (keyEncryptionKey = old, others: readonly Uint8Array[] = []): Promise<SqliteKeyRing> => SqliteKeyRing.open({ file: file(), keyEncryptionKey, readKeyEncryptionKeys: async () => others });

  const withKeys = async (count: number): Promise<Map<string, string>> => {
    const keys = await open();
    const made = await Promise.all(Array.from({ length: count }, async (_, n) => [`c-${n}`, fingerprint(await keys.obtain(`c-${n}`, 'contact'))] as const));
    await keys.close();
    return new Map(made);
  };
  const wrappedNow = (): Buffer[] => {
    const db = new Database(file(), { readonly: true });
    const rows = db.prepare('SELECT wrapped FROM wrapped_keys').pluck().all() as Buffer[];
    db.close();
    return rows;
  };
  const found = (wrapped: readonly Buffer[]): number => {
    const bytes = Buffer.concat(Object.values(bytesOf(join(kept.folder, 'data'))));
    return wrapped.filter((one) => bytes.includes(one)).length;
  };
  const child = (program: string, ...args: string[]): ChildProcess => spawn(process.execPath, ['--conditions=@kendt/source', '--import', hook, join(here, program), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

  it('leaves every key as it was, opens without the old key-encryption key, and leaves nothing that the old one opens', async () => {
    const made = await withKeys(1200);
    const wrapped = wrappedNow();
    expect(found(wrapped)).toBe(1200);
    const keys = await open();
    await keys.destroy('c-7', 'contact');
    made.set('c-7', 'destroyed');
    const seen: number[] = [];
    expect(await keys.rotation.run(localKeyWrapper(next), (done, of) => seen.push(done / of))).toBe(1199);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toHaveLength(3);
    expect(found(wrapped)).toBe(0);
    expect(keys.rotation.state()).toMatchObject({ id: keyEncryptionKeyId(next), left: 0 });
    await keys.close();
    const again = await open(next);
    for (const [customer, key] of made) expect(fingerprint(await again.find(customer, 'contact'))).toBe(key);
    expect(await again.rotation.run(localKeyWrapper(next))).toBe(0);
    await again.close();
    await expect(open(old)).rejects.toThrow('made with another key-encryption key');
  });

  it('does not go back to a key-encryption key that was in use before', async () => {
    await withKeys(1);
    const keys = await open();
    await keys.rotation.run(localKeyWrapper(next));
    await expect(keys.rotation.run(localKeyWrapper(old))).rejects.toThrow('was in use before');
    await keys.close();
  });

  it('stops at a key that does not open, and names its customer', async () => {
    await withKeys(2);
    const db = new Database(file());
    db.exec("UPDATE wrapped_keys SET wrapped = randomblob(60) WHERE number = (SELECT number FROM keys WHERE customer = 'c-1')");
    db.close();
    const keys = await open();
    await expect(keys.rotation.run(localKeyWrapper(next))).rejects.toThrow('The key of c-1 (contact) cannot be opened');
    await keys.close();
  });

  it('is not noticed by another process that reads, makes and destroys keys all the while', async () => {
    await withKeys(1500);
    const secrets = join(kept.folder, 'secrets');
    mkdirSync(secrets);
    writeFileSync(join(secrets, '1-old'), old);
    const user = child('key-user.examples.ts', file(), secrets, '1500');
    const lines = createInterface({ input: user.stdout! })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    writeFileSync(join(secrets, '2-next'), next);
    const keys = await open(old, [next]);
    await keys.rotation.run(localKeyWrapper(next));
    await new Promise((resolve) => setTimeout(resolve, 100));
    user.stdin!.end('done');
    const { rounds, seen } = JSON.parse((await lines.next()).value as string) as { rounds: number; seen: Record<string, string> };
    if (user.exitCode === null) await once(user, 'close');
    expect(user.exitCode).toBe(0);
    expect(rounds).toBeGreaterThan(3);
    expect(keys.rotation.state()).toMatchObject({ id: keyEncryptionKeyId(next), left: 0 });
    await keys.close();
    const after = await open(next);
    for (const [customer, key] of Object.entries(seen)) expect(fingerprint(await after.find(customer, 'contact'))).toBe(key);
    await after.close();
  });

  it('goes on after a kill in the middle', async () => {
    const made = await withKeys(2500);
    const wrapped = wrappedNow();
    const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
    const rotator = child('rotator.examples.ts', file(), hex(old), hex(next));
    await once(rotator.stdout!, 'data');
    rotator.kill('SIGKILL');
    await once(rotator, 'close');
    await expect(open(old)).rejects.toThrow('made with another key-encryption key'); // the new one is in use already
    const keys = await open(old, [next]);
    const { left } = keys.rotation.state();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(2500);
    for (const [customer, key] of made) expect(fingerprint(await keys.find(customer, 'contact'))).toBe(key);
    expect(await keys.rotation.run(localKeyWrapper(next))).toBe(left);
    expect(found(wrapped)).toBe(0);
    for (const [customer, key] of made) expect(fingerprint(await keys.find(customer, 'contact'))).toBe(key);
    await keys.close();
  });
});
