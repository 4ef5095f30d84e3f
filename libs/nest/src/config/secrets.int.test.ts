import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyEncryptionKeyId } from '@kendt/eventsourcing';
import { addKeyEncryptionKey, readKeyEncryptionKeys, removeKeyEncryptionKey, useKeyEncryptionKey } from './key-encryption-keys.js';
import { resolveReference } from './reference.js';
import { readSecrets } from './secrets.js';

describe('secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const config = (): { secretsDir: string; keysUrl: string } => ({ secretsDir: join(folder, 'secrets'), keysUrl: `sqlite:${join(folder, 'keys.db')}` });
  const file = (name: string): string => join(folder, 'secrets', name);
  const generate = { generate: true, clientIds: ['fjord-web'] };

  it('are made when asked for, readable by the owner alone, and stay', async () => {
    const made = await readSecrets(config(), generate);
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    const files = readdirSync(join(folder, 'secrets'), { recursive: true }) as string[];
    expect(files.sort()).toEqual([
      'answers-key', 'clients', 'clients/fjord-web', 'cookie-key', 'evidence-key.json', 'evidence-key.public.json', 'key-encryption-key', 'link-key', 'lookup-key', 'operators-key', 'token-keys.json',
      'token-keys.public.json',
    ]);
    for (const name of files.filter((each) => each !== 'clients')) expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    expect(await readSecrets(config(), { generate: false, clientIds: ['fjord-web'] })).toEqual(made);
  });

  it('are the same for two processes that start at once', async () => {
    const [one, two] = await Promise.all([readSecrets(config(), generate), readSecrets(config(), generate)]);
    expect(one).toEqual(two);
  });

  it('that are missing are all named', async () => {
    const refused = await readSecrets(config(), { generate: false, clientIds: ['lund-web'] }).catch((error: { mistakes: string[] }) => error.mistakes);
    expect(refused).toHaveLength(11);
    expect((refused as string[])[0]).toBe(`The secret ${file('clients/lund-web')} is missing (at least 32 characters).`);
  });

  it('that are broken are refused without being shown', async () => {
    await readSecrets(config(), generate);
    writeFileSync(file('lookup-key'), 'too-short-secret');
    writeFileSync(file('token-keys.json'), '{"keys":[');
    const refused = (await readSecrets(config(), generate).catch((error: { mistakes: string[] }) => error.mistakes)) as string[];
    expect(refused).toEqual([`The secret ${file('lookup-key')} is not 32 bytes in base64url.`, `The secret ${file('token-keys.json')} is not a JWK set with private ES256 keys.`]);
  });

  it('have public halves beside them that hold nothing private', async () => {
    const { tokenKeys, publicTokenKeys, evidenceKey, publicEvidenceKey } = await readSecrets(config(), generate);
    expect(publicTokenKeys.keys.map(({ kid }) => kid)).toEqual(tokenKeys.keys.map(({ kid }) => kid));
    expect(publicEvidenceKey.kid).toBe(evidenceKey.kid);
    for (const name of ['token-keys.public.json', 'evidence-key.public.json']) expect(readFileSync(file(name), 'utf8')).not.toContain('"d"');
  });

  it('are refused where a private half lies in the place of a public one', async () => {
    await readSecrets(config(), generate);
    writeFileSync(file('token-keys.public.json'), readFileSync(file('token-keys.json')));
    await expect(readSecrets(config(), { generate: false })).rejects.toThrow('token-keys.public.json is not the JWK set of token-keys.json without its private members.');
  });

  it('that a process was not given are not read, and asking for one throws', async () => {
    await readSecrets(config(), generate);
    writeFileSync(file('lookup-key'), 'broken');
    const secrets = await readSecrets(config(), { generate: false, names: ['linkKey'] });
    expect(secrets.linkKey).toHaveLength(32);
    expect(() => secrets.lookupKey).toThrow('This process was not given the secret lookupKey');
  });

  it('that others can read are refused', async () => {
    await readSecrets(config(), generate);
    chmodSync(file('link-key'), 0o644);
    await expect(readSecrets(config(), generate)).rejects.toThrow(`The secret ${file('link-key')} can be read by others; run: chmod 600 ${file('link-key')}`);
  });

  it('never replace the key that opens the keys of customers', async () => {
    writeFileSync(join(folder, 'keys.db'), '');
    await expect(readSecrets(config(), generate)).rejects.toThrow('bring it back from your backup');
    expect(readdirSync(folder)).toEqual(['keys.db']);
  });

  it('are named by references, never given', async () => {
    await readSecrets(config(), generate);
    expect(resolveReference(`file:${file('clients/fjord-web')}`, {})).toBe(readFileSync(file('clients/fjord-web'), 'utf8').trim());
    expect(resolveReference('env:MY_SECRET', { MY_SECRET: 'x' })).toBe('x');
    expect(() => resolveReference('env:MISSING', {})).toThrow('The variable MISSING is missing.');
    expect(() => resolveReference('hunter2', {})).toThrow('A secret is given as env:NAME or file:PATH, never as a value.');
  });

  it('hold a second key-encryption key during a rotation, and the old one after it until it is removed', async () => {
    const { keyEncryptionKey: old } = await readSecrets(config(), generate);
    const next = randomBytes(32);
    const dir = config().secretsDir;
    addKeyEncryptionKey(dir, next);
    addKeyEncryptionKey(dir, next);
    expect(await readKeyEncryptionKeys(dir)).toEqual([old, next]);
    expect((await readSecrets(config(), generate)).keyEncryptionKey).toEqual(old);
    useKeyEncryptionKey(dir, keyEncryptionKeyId(next));
    useKeyEncryptionKey(dir, keyEncryptionKeyId(next));
    expect(await readKeyEncryptionKeys(dir)).toEqual([next, old]);
    expect((await readSecrets(config(), { generate: false })).keyEncryptionKey).toEqual(next);
    for (const name of readdirSync(dir).filter((each) => each.startsWith('key-encryption-key'))) expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    removeKeyEncryptionKey(dir, keyEncryptionKeyId(old));
    expect(await readKeyEncryptionKeys(dir)).toEqual([next]);
  });

  it('are not read where a key-encryption key that stands aside is broken or open to others', async () => {
    await readSecrets(config(), generate);
    writeFileSync(file('key-encryption-key.0123456789abcdef'), 'short', { mode: 0o600 });
    await expect(readKeyEncryptionKeys(config().secretsDir)).rejects.toThrow('key-encryption-key.0123456789abcdef is not 32 bytes');
    chmodSync(file('key-encryption-key.0123456789abcdef'), 0o640);
    await expect(readKeyEncryptionKeys(config().secretsDir)).rejects.toThrow('can be read by others');
  });
});
