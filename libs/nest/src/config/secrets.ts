import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, type JWTVerifyGetKey } from 'jose';
import type { Config } from './config.js';
import { ConfigError } from './config.js';
import { readSecretFile, writeSecretFile } from './secret-file.js';

export interface Secrets {
  /** 32 bytes: wraps the keys of customers. */
  readonly keyEncryptionKey: Buffer;
  /** 32 bytes: HMAC of identifiers, so that stream names hold no personal data. */
  readonly lookupKey: Buffer;
  /** 32 bytes: HMAC of links in mails. */
  readonly linkKey: Buffer;
  /** 32 bytes: signs cookies and form tokens. */
  readonly cookieKey: Buffer;
  /** What an operator's tool shows to get at more than health and metrics. */
  readonly operatorsKey: string;
  /** Private ES256 keys that sign tokens; the first one is in use. */
  readonly tokenKeys: { readonly keys: readonly JWK[] };
  /** Private Ed25519 key that signs certificates and checkpoints. */
  readonly evidenceKey: JWK;
  /** By client id. */
  readonly clients: Readonly<Record<string, string>>;
}

export interface SecretOptions {
  /** Make what is missing: for trying out only. */
  readonly generate: boolean;
  readonly clientIds?: readonly string[];
}

/** @throws ConfigError that names every missing or broken file. Never shows what is in one. */
export const readSecrets = async (config: Pick<Config, 'secretsDir' | 'keysUrl'>, options: SecretOptions): Promise<Secrets> => {
  refuseToReplaceKeyEncryptionKey(config);
  const mistakes: string[] = [];
  const read = async <T>(name: string, kind: SecretKind<T>): Promise<T> => {
    try {
      return await readOrMake(join(config.secretsDir, name), kind, options.generate);
    } catch (error) {
      mistakes.push((error as Error).message);
      return undefined as T;
    }
  };
  const clients: Record<string, string> = {};
  for (const id of options.clientIds ?? []) clients[id] = await read(join('clients', id), clientSecret);
  const secrets: Secrets = {
    keyEncryptionKey: await read('key-encryption-key', bytes),
    lookupKey: await read('lookup-key', bytes),
    linkKey: await read('link-key', bytes),
    cookieKey: await read('cookie-key', bytes),
    operatorsKey: await read('operators-key', clientSecret),
    tokenKeys: await read('token-keys.json', tokenKeys),
    evidenceKey: await read('evidence-key.json', evidenceKey),
    clients,
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return secrets;
};

/** Fresh secrets that are nowhere on disk. */
export const generateSecrets = async (clientIds: readonly string[] = []): Promise<Secrets> => ({
  keyEncryptionKey: randomBytes(32),
  lookupKey: randomBytes(32),
  linkKey: randomBytes(32),
  cookieKey: randomBytes(32),
  operatorsKey: await clientSecret.make(),
  tokenKeys: tokenKeys.parse(await tokenKeys.make()),
  evidenceKey: evidenceKey.parse(await evidenceKey.make()),
  clients: Object.fromEntries(clientIds.map((id) => [id, randomBytes(32).toString('base64url')])),
});

/** The public half, to check tokens with in the process that signs them. */
export const localTokenKeys = ({ tokenKeys: { keys } }: Pick<Secrets, 'tokenKeys'>): JWTVerifyGetKey =>
  createLocalJWKSet({ keys: keys.map(({ d: _private, ...rest }) => rest) });

export interface SecretKind<T> {
  readonly make: () => Promise<string>;
  /** @throws Error when the text is not what it should be. */
  readonly parse: (text: string) => T;
  readonly shape: string;
}

export const bytes: SecretKind<Buffer> = {
  shape: '32 bytes in base64url',
  make: async () => randomBytes(32).toString('base64url'),
  parse: (text) => {
    const decoded = Buffer.from(text, 'base64url');
    if (decoded.length !== 32) throw new Error('length');
    return decoded;
  },
};

const clientSecret: SecretKind<string> = {
  shape: 'at least 32 characters',
  make: async () => randomBytes(32).toString('base64url'),
  parse: (text) => {
    if (text.length < 32) throw new Error('length');
    return text;
  },
};

const tokenKeys: SecretKind<Secrets['tokenKeys']> = {
  shape: 'a JWK set with private ES256 keys',
  make: async () => JSON.stringify({ keys: [await newKey('ES256')] }),
  parse: (text) => {
    const set = JSON.parse(text) as { keys?: readonly JWK[] };
    if (!set.keys?.length || !set.keys.every((key) => key.crv === 'P-256' && key.d && key.kid)) throw new Error('keys');
    return { keys: set.keys };
  },
};

const evidenceKey: SecretKind<JWK> = {
  shape: 'a private Ed25519 JWK',
  make: async () => JSON.stringify(await newKey('EdDSA')),
  parse: (text) => {
    const key = JSON.parse(text) as JWK;
    if (key.crv !== 'Ed25519' || !key.d || !key.kid) throw new Error('key');
    return key;
  },
};

const newKey = async (alg: 'ES256' | 'EdDSA'): Promise<JWK> => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: randomBytes(8).toString('hex') };
};

const readOrMake = async <T>(path: string, kind: SecretKind<T>, generate: boolean): Promise<T> => {
  let text = readSecretFile(path);
  if (text === undefined) {
    if (!generate) throw new Error(`The secret ${path} is missing (${kind.shape}).`);
    text = writeSecretFile(path, await kind.make());
  }
  try {
    return kind.parse(text);
  } catch {
    throw new Error(`The secret ${path} is not ${kind.shape}.`);
  }
};

/** Another key-encryption key would make every stored key, and with it every customer's data, unreadable for ever. */
const refuseToReplaceKeyEncryptionKey = ({ secretsDir, keysUrl }: Pick<Config, 'secretsDir' | 'keysUrl'>): void => {
  const path = join(secretsDir, 'key-encryption-key');
  const database = keysUrl.startsWith('sqlite:') ? keysUrl.slice('sqlite:'.length) : undefined;
  if (database && existsSync(database) && !existsSync(path))
    throw new ConfigError([`The keys of customers lie in ${database}, but ${path}, which opens them, is missing: bring it back from your backup.`]);
};
