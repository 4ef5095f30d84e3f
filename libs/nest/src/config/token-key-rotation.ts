import { join } from 'node:path';
import { readSecretFile, replaceSecretFile } from './secret-file.js';
import { newKey, publicKeySet, secretFiles, type TokenKey, tokenKeys } from './secret-kinds.js';
import { inForce } from './token-keys.js';

/** In milliseconds; the longest that anything signed with these keys is valid. */
export const tokensLiveFor = 60 * 60 * 1000;
/** Whoever checks tokens may have a clock that is behind. */
const tolerance = 5 * 60 * 1000;

export interface TokenKeyRotation {
  readonly newKey: TokenKey & { readonly signsFrom: string };
  /** Kept until their `endsAt`. */
  readonly oldKeys: readonly TokenKey[];
  /** Whose time was over. */
  readonly removed: readonly string[];
}

/** That one waits already to be used: another one would only make it wait longer. */
export class RotationPending extends Error {
  override readonly name = 'RotationPending';

  constructor(readonly key: TokenKey) {
    super(`The key ${key.kid} was published before and signs from ${key.signsFrom} on.`);
  }
}

/**
 * Publishes a new key at once, lets it sign when everybody must have seen it, and keeps the old one for as long as its tokens live. Processes
 * that run notice by themselves; nothing has to be called again.
 * @throws RotationPending unless `again`
 */
export const rotateTokenKeys = async (secretsDir: string, { now, overlapMs, again = false }: { readonly now: Date; readonly overlapMs: number; readonly again?: boolean }): Promise<TokenKeyRotation> => {
  const path = join(secretsDir, secretFiles.tokenKeys.file);
  const text = readSecretFile(path);
  if (text === undefined) throw new Error(`The secret ${path} is missing (${tokenKeys.shape}).`);
  const { keys } = tokenKeys.parse(text);
  const pending = keys.find(({ signsFrom }) => signsFrom !== undefined && Date.parse(signsFrom) > now.getTime());
  if (pending && !again) throw new RotationPending(pending);
  const signsFrom = new Date(now.getTime() + overlapMs).toISOString();
  const endsAt = new Date(Date.parse(signsFrom) + tokensLiveFor + tolerance).toISOString();
  const living = inForce(keys, now);
  const oldKeys = living.map((key) => ({ ...key, endsAt: key.endsAt ?? endsAt }));
  const key = { ...(await newKey('ES256')), signsFrom };
  const set = { keys: [key, ...oldKeys] };
  replaceSecretFile(join(secretsDir, secretFiles.publicTokenKeys.file), JSON.stringify(publicKeySet(set))); // first: nobody signs with what nobody can check
  replaceSecretFile(path, JSON.stringify(set));
  return { newKey: key, oldKeys, removed: keys.filter((each) => !living.includes(each)).map(({ kid }) => kid) };
};
