import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { publicTokenKeys, type TokenKey, tokenKeys as privateTokenKeys } from './secret-kinds.js';
import { readSecrets } from './secrets.js';
import { RotationPending, rotateTokenKeys } from './token-key-rotation.js';
import { inForce, tokenKeysOf, verifierOf } from './token-keys.js';

const minute = 60_000;
const at = (minutes: number): Date => new Date(Date.parse('2026-03-01T12:00:00.000Z') + minutes * minute);
const key = (kid: string, more: Partial<TokenKey> = {}): TokenKey => ({ kty: 'EC', kid, ...more });

describe('keys in force', () => {
  const keys = [key('new', { signsFrom: at(10).toISOString() }), key('old', { endsAt: at(75).toISOString() })];
  it.each([
    ['before the new one signs', 9, ['old', 'new']],
    ['from its moment on', 10, ['new', 'old']],
    ['once the tokens of the old one have ended', 75, ['new']],
  ])('%s', (_, minutes, kids) => expect(inForce(keys, at(minutes)).map(({ kid }) => kid)).toEqual(kids));
});

describe('a rotation', () => {
  let folder: string;
  let now: Date;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-token-keys-'));
    now = at(0);
    await readSecrets({ secretsDir: folder, keysUrl: 'sqlite:none' }, { generate: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (name: string): TokenKey[] => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { keys: TokenKey[] }).keys;
  const signed = async (jwk: TokenKey): Promise<string> => new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: jwk.kid }).sign(await importJWK(jwk, 'ES256'));

  it('publishes the new key before it signs, and keeps the old one until its tokens have ended', async () => {
    const [old] = read('token-keys.json');
    const { newKey, removed } = await rotateTokenKeys(folder, { now, overlapMs: 10 * minute });
    expect(removed).toEqual([]);
    expect(newKey.signsFrom).toBe(at(10).toISOString());
    expect(read('token-keys.public.json').map(({ kid, d, endsAt }) => [kid, d, endsAt])).toEqual([[newKey.kid, undefined, undefined], [old!.kid, undefined, at(75).toISOString()]]);
    expect(statSync(join(folder, 'token-keys.json')).mode & 0o777).toBe(0o600);
    const later = await rotateTokenKeys(folder, { now: at(80), overlapMs: 10 * minute });
    expect(later.removed).toEqual([old!.kid]);
    expect(read('token-keys.json').map(({ kid }) => kid)).toEqual([later.newKey.kid, newKey.kid]);
  });

  it('is not begun while another one waits, unless somebody insists', async () => {
    await rotateTokenKeys(folder, { now, overlapMs: 10 * minute });
    await expect(rotateTokenKeys(folder, { now: at(9), overlapMs: 10 * minute })).rejects.toBeInstanceOf(RotationPending);
    expect((await rotateTokenKeys(folder, { now: at(9), overlapMs: 0, again: true })).oldKeys).toHaveLength(2);
  });

  it('is noticed by a process that runs: it takes a token with a key that is new to it', async () => {
    const path = join(folder, 'token-keys.public.json');
    const keys = tokenKeysOf(path, publicTokenKeys, publicTokenKeys.parse(readFileSync(path, 'utf8')), () => now);
    const verify = verifierOf(keys);
    const [old] = read('token-keys.json');
    await jwtVerify(await signed(old!), verify);
    await rotateTokenKeys(folder, { now, overlapMs: 0 });
    const [fresh] = read('token-keys.json');
    await new Promise((resolve) => setTimeout(resolve, 1100)); // it looks again once a second at most
    await jwtVerify(await signed(fresh!), verify);
    await jwtVerify(await signed(old!), verify);
    now = at(66);
    await expect(jwtVerify(await signed(old!), verify)).rejects.toThrow('no applicable key');
  });

  it('that is half done by hand changes nothing for a process that runs', async () => {
    const path = join(folder, 'token-keys.json');
    const first = privateTokenKeys.parse(readFileSync(path, 'utf8'));
    const keys = tokenKeysOf(path, privateTokenKeys, first, () => now);
    const [old] = keys.current();
    writeFileSync(path, '{"keys":[');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(keys.current()[0]).toBe(old);
  });
});
