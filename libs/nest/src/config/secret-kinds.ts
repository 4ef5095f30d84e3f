import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { readSecretFile } from './secret-file.js';

/** What the text of a secret must be, and how one is made. */
export interface SecretKind<T> {
  /** @param folder where the other secrets lie */
  readonly make: (folder?: string) => Promise<string>;
  /** @throws Error when the text is not what it should be. */
  readonly parse: (text: string) => T;
  readonly shape: string;
}

/** A key that signs tokens, and when. Times are ISO 8601 UTC. */
export interface TokenKey extends JWK {
  readonly kid: string;
  /** Published before, and not used until then; a key without it signs from the beginning. */
  readonly signsFrom?: string;
  /** Nothing that it has signed is valid from then on. */
  readonly endsAt?: string;
}

export interface TokenKeySet {
  readonly keys: readonly TokenKey[];
}

export const publicHalf = <K extends JWK>({ d: _private, ...rest }: K): Omit<K, 'd'> => rest;
export const publicKeySet = ({ keys }: TokenKeySet): TokenKeySet => ({ keys: keys.map((key) => publicHalf(key) as TokenKey) });

export const bytes: SecretKind<Buffer> = {
  shape: '32 bytes in base64url',
  make: async () => randomBytes(32).toString('base64url'),
  parse: (text) => {
    const decoded = Buffer.from(text, 'base64url');
    if (decoded.length !== 32) throw new Error('length');
    return decoded;
  },
};

export const clientSecret: SecretKind<string> = {
  shape: 'at least 32 characters',
  make: async () => randomBytes(32).toString('base64url'),
  parse: (text) => {
    if (text.length < 32) throw new Error('length');
    return text;
  },
};

const keySet = (text: string, fits: (key: JWK) => boolean): TokenKeySet => {
  const set = JSON.parse(text) as { keys?: readonly TokenKey[] };
  if (!set.keys?.length || !set.keys.every((key) => key.crv === 'P-256' && key.kid && fits(key))) throw new Error('keys');
  return { keys: set.keys };
};

export const tokenKeys: SecretKind<TokenKeySet> = {
  shape: 'a JWK set with private ES256 keys',
  make: async () => JSON.stringify({ keys: [await newKey('ES256')] }),
  parse: (text) => keySet(text, ({ d }) => d !== undefined),
};

const evidence = (text: string, fits: (key: JWK) => boolean): JWK => {
  const key = JSON.parse(text) as JWK;
  if (key.crv !== 'Ed25519' || !key.kid || !fits(key)) throw new Error('key');
  return key;
};

export const evidenceKey: SecretKind<JWK> = {
  shape: 'a private Ed25519 JWK',
  make: async () => JSON.stringify(await newKey('EdDSA')),
  parse: (text) => evidence(text, ({ d }) => d !== undefined),
};

/** A private half that lies in its place, where somebody copied the wrong file, is refused. */
export const publicTokenKeys: SecretKind<TokenKeySet> = {
  shape: 'the JWK set of token-keys.json without its private members',
  make: async (folder) => JSON.stringify(publicKeySet(tokenKeys.parse(beside(folder, 'token-keys.json')))),
  parse: (text) => keySet(text, ({ d }) => d === undefined),
};

const publicEvidenceKey: SecretKind<JWK> = {
  shape: 'the JWK of evidence-key.json without its private member',
  make: async (folder) => JSON.stringify(publicHalf(evidenceKey.parse(beside(folder, 'evidence-key.json')))),
  parse: (text) => evidence(text, ({ d }) => d === undefined),
};

const beside = (folder = '', file: string): string => {
  const text = readSecretFile(join(folder, file));
  if (text === undefined) throw new Error(`The secret ${join(folder, file)} is missing.`);
  return text;
};

export const newKey = async (alg: 'ES256' | 'EdDSA'): Promise<JWK & { readonly kid: string }> => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: randomBytes(8).toString('hex') };
};

/** Each secret, the file in the folder of secrets that holds it, and what it must be. Public halves after what they are made from. */
export const secretFiles = {
  keyEncryptionKey: { file: 'key-encryption-key', ...bytes },
  lookupKey: { file: 'lookup-key', ...bytes },
  linkKey: { file: 'link-key', ...bytes },
  cookieKey: { file: 'cookie-key', ...bytes },
  answersKey: { file: 'answers-key', ...bytes },
  operatorsKey: { file: 'operators-key', ...clientSecret },
  tokenKeys: { file: 'token-keys.json', ...tokenKeys },
  evidenceKey: { file: 'evidence-key.json', ...evidenceKey },
  publicTokenKeys: { file: 'token-keys.public.json', ...publicTokenKeys },
  publicEvidenceKey: { file: 'evidence-key.public.json', ...publicEvidenceKey },
} as const;
