import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import type { Config } from './config.js';
import { ConfigError } from './config.js';
import { readSecretFile, writeSecretFile } from './secret-file.js';
import { clientSecret, evidenceKey, publicHalf, publicKeySet, secretFiles, type SecretKind, type TokenKey, tokenKeys } from './secret-kinds.js';

export interface Secrets {
  /** 32 bytes: wraps the keys of customers. */
  readonly keyEncryptionKey: Buffer;
  /** 32 bytes: HMAC of identifiers, so that stream names hold no personal data. */
  readonly lookupKey: Buffer;
  /** 32 bytes: HMAC of links in mails. */
  readonly linkKey: Buffer;
  /** 32 bytes: signs cookies and form tokens, seals what the OpenID provider keeps. */
  readonly cookieKey: Buffer;
  /** 32 bytes: seals answers that are kept by idempotency key. */
  readonly answersKey: Buffer;
  /** What an operator's tool shows to get at more than health and metrics. */
  readonly operatorsKey: string;
  /** Private ES256 keys that sign tokens. */
  readonly tokenKeys: { readonly keys: readonly TokenKey[] };
  /** Their public halves, which is all that checking takes. */
  readonly publicTokenKeys: { readonly keys: readonly TokenKey[] };
  /** Private Ed25519 key that signs certificates and checkpoints. */
  readonly evidenceKey: JWK;
  readonly publicEvidenceKey: JWK;
  /** By client id. */
  readonly clients: Readonly<Record<string, string>>;
}

export type SecretName = Exclude<keyof Secrets, 'clients'>;

export interface SecretOptions {
  /** Make what is missing: for trying out only. */
  readonly generate: boolean;
  readonly clientIds?: readonly string[];
  /** All of them unless told. The others are not looked at, and asking for one throws. */
  readonly names?: readonly SecretName[];
}

/** Public halves last: they are made from what lies beside them. */
export const secretNames = Object.keys(secretFiles) as readonly SecretName[];

type Place = Pick<Config, 'secretsDir' | 'keysUrl'>;

/** @throws ConfigError that names every missing or broken file. Never shows what is in one. */
export const readSecrets = async (config: Place, options: SecretOptions): Promise<Secrets> => {
  const { secrets, mistakes } = await lookAtSecrets(config, options);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return secrets;
};

/** As {@link readSecrets}, for who has more mistakes to tell. */
export const lookAtSecrets = async (config: Place, { generate, clientIds = [], names = secretNames }: SecretOptions): Promise<{ readonly secrets: Secrets; readonly mistakes: readonly string[] }> => {
  refuseToReplaceKeyEncryptionKey(config);
  const mistakes: string[] = [];
  const read = async (file: string, kind: SecretKind<unknown>): Promise<unknown> => {
    try {
      return await readOrMake(config.secretsDir, file, kind, generate);
    } catch (error) {
      mistakes.push((error as Error).message);
      return undefined;
    }
  };
  const clients: Record<string, unknown> = {};
  for (const id of clientIds) clients[id] = await read(join('clients', id), clientSecret);
  const values: Partial<Record<SecretName, unknown>> = {};
  for (const name of secretNames) if (names.includes(name)) values[name] = await read(secretFiles[name].file, secretFiles[name]);
  return { secrets: guarded({ ...values, clients }) as Secrets, mistakes };
};

/** A secret that this process did not read is no `undefined` that some cipher takes for a key: asking for it throws. */
const guarded = (values: Partial<Record<keyof Secrets, unknown>>): object => {
  const unread = secretNames.filter((name) => !(name in values));
  const refuse = (name: SecretName) => ({
    get: () => {
      throw new Error(`This process was not given the secret ${name}`);
    },
  });
  return Object.defineProperties({ ...values }, Object.fromEntries(unread.map((name) => [name, refuse(name)])));
};

/** Fresh secrets that are nowhere on disk. */
export const generateSecrets = async (clientIds: readonly string[] = []): Promise<Secrets> => {
  const [signing, evidence] = [tokenKeys.parse(await tokenKeys.make()), evidenceKey.parse(await evidenceKey.make())];
  return {
    keyEncryptionKey: randomBytes(32),
    lookupKey: randomBytes(32),
    linkKey: randomBytes(32),
    cookieKey: randomBytes(32),
    answersKey: randomBytes(32),
    operatorsKey: await clientSecret.make(),
    tokenKeys: signing,
    publicTokenKeys: publicKeySet(signing),
    evidenceKey: evidence,
    publicEvidenceKey: publicHalf(evidence),
    clients: Object.fromEntries(clientIds.map((id) => [id, randomBytes(32).toString('base64url')])),
  };
};

const readOrMake = async <T>(folder: string, file: string, kind: SecretKind<T>, generate: boolean): Promise<T> => {
  const path = join(folder, file);
  let text = readSecretFile(path);
  if (text === undefined) {
    if (!generate) throw new Error(`The secret ${path} is missing (${kind.shape}).`);
    text = writeSecretFile(path, await kind.make(folder));
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
