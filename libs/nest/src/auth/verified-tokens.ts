import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';

const most = 2000;
const longestMs = 60_000;

interface Verified {
  readonly payload: JWTPayload;
  readonly until: number;
}

/**
 * Tokens whose signature was good a moment ago: a shop's backend sends the same one with every request. Kept for a minute, so a
 * signing key that is taken away is gone by then, and never beyond the token's own end. Who the customer is and whether they may
 * still come in is looked at each time, elsewhere. Held as hashes: nobody reads a token out of this memory.
 */
export class VerifiedTokens {
  readonly #verified = new Map<string, Verified>();

  get(token: string, now: Date): JWTPayload | undefined {
    const found = this.#verified.get(hash(token));
    return found && now.getTime() < found.until ? found.payload : undefined;
  }

  put(token: string, payload: JWTPayload, now: Date): void {
    const until = Math.min(now.getTime() + longestMs, (payload.exp ?? 0) * 1000);
    this.#verified.delete(hash(token));
    this.#verified.set(hash(token), { payload, until });
    if (this.#verified.size > most) this.#verified.delete(this.#verified.keys().next().value as string);
  }
}

const hash = (token: string): string => createHash('sha256').update(token).digest('base64url');
