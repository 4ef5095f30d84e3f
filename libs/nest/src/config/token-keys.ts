import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '@kendt/eventsourcing';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import type { SecretKind, TokenKey, TokenKeySet } from './secret-kinds.js';

/** The keys that tokens are signed with, as they are now. */
export interface TokenKeys {
  /** Those in force, the one that signs first. The same array for as long as nothing changes. */
  current(): readonly TokenKey[];
}

const time = (text: string | undefined): number => (text === undefined ? 0 : Date.parse(text));

/** In force at this time: the one that signs, then those that sign later or have signed. */
export const inForce = (keys: readonly TokenKey[], now: Date): readonly TokenKey[] => {
  const at = now.getTime();
  const living = keys.filter(({ endsAt }) => endsAt === undefined || at < time(endsAt));
  const signing = living.filter(({ signsFrom }) => time(signsFrom) <= at).toSorted((a, b) => time(b.signsFrom) - time(a.signsFrom))[0];
  return [...living.filter((key) => key === signing), ...living.filter((key) => key !== signing)];
};

/** Keeps the array while nothing changes, so that what is built from it is built once. */
const steady = (look: () => readonly TokenKey[]): (() => readonly TokenKey[]) => {
  let known: readonly TokenKey[] = [];
  return () => {
    const found = look();
    return (known = found.length === known.length && found.every((key, n) => key === known[n]) ? known : found);
  };
};

/** Of secrets that lie in memory. */
export const fixedTokenKeys = (secrets: () => TokenKeySet, clock: Clock): TokenKeys => ({ current: steady(() => inForce(secrets().keys, clock())) });

const looksEvery = 1000;

/**
 * Of a file that a rotation replaces while processes run: it is looked at when a key is wanted, once a second at most. A file that cannot be
 * read at some moment changes nothing.
 */
export const tokenKeysOf = (path: string, kind: SecretKind<TokenKeySet>, first: TokenKeySet, clock: Clock): TokenKeys => {
  let set = first;
  let [stamp, lookedAt] = [stampOf(path), performance.now()];
  const look = (): void => {
    if (performance.now() - lookedAt < looksEvery) return;
    lookedAt = performance.now();
    const found = stampOf(path);
    if (found === undefined || found === stamp) return;
    try {
      set = kind.parse(readFileSync(path, 'utf8'));
      stamp = found;
    } catch {
      // half of an edit by hand: the next look finds the rest
    }
  };
  return {
    current: steady(() => {
      look();
      return inForce(set.keys, clock());
    }),
  };
};

const stampOf = (path: string): string | undefined => {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.ino} ${found.mtimeMs} ${found.size}`;
};

/** Checks signatures with the public halves. */
export const verifierOf = (keys: TokenKeys): JWTVerifyGetKey => {
  let known: { readonly keys: readonly TokenKey[]; readonly get: ReturnType<typeof createLocalJWKSet> } | undefined;
  const getter = (): ReturnType<typeof createLocalJWKSet> => {
    const current = keys.current();
    if (known?.keys !== current) known = { keys: current, get: createLocalJWKSet({ keys: current.map(({ d: _private, ...rest }) => rest) }) };
    return known.get;
  };
  return async (header, token) => getter()(header, token);
};
