import { hash } from '@node-rs/argon2';

/** Argon2id, 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet, its first recommendation. */
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** @param password in NFKC, as the contract's schema leaves it: the one that is tried later is read with the same schema */
export const hashPassword = (password: string): Promise<string> => hash(password, cost);
