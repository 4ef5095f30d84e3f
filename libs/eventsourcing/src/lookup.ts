import { createHmac, createSecretKey } from 'node:crypto';

export type IdentifierKind = 'email' | 'phone' | 'loyalty' | 'external' | 'order';

/** Gives the keyed hash that stands for an identifier in stream names and indexes: hex HMAC-SHA-256 of kind and value. */
export type Lookup = (kind: IdentifierKind, normalised: string) => string;

/** @param key at least 32 bytes; whoever holds it can test guesses, so it is a secret of its own. */
export const keyedLookup = (key: Uint8Array): Lookup => {
  if (key.length < 32) throw new Error('The look-up key must have at least 32 bytes');
  const secret = createSecretKey(key); // bare bytes cost Node two exceptions a call
  return (kind, normalised) => createHmac('sha256', secret).update(`${kind}\u0000${normalised}`).digest('hex');
};
