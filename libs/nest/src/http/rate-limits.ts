import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@kendt/eventsourcing';
import { CLOCK } from '../tokens.js';

interface Bucket {
  tokens: number;
  filledAt: number;
}

const remembered = 50_000;
const minute = 60_000;

/** Token buckets in the memory of this process. What is counted is remembered as a keyed hash, never as it was sent. */
@Injectable()
export class RateLimits {
  readonly #key = createSecretKey(randomBytes(32)); // bare bytes cost Node two exceptions a call
  readonly #buckets = new Map<string, Bucket>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Takes one token. Gives the seconds to wait when there is none left, otherwise 0. */
  take(kind: string, value: string, perMinute: number): number {
    const id = createHmac('sha256', this.#key).update(`${kind}\u0000${value}`).digest('base64url');
    const bucket = this.#filled(id, perMinute);
    this.#remember(id, bucket);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60) / perMinute);
    bucket.tokens -= 1;
    return 0;
  }

  #filled(id: string, perMinute: number): Bucket {
    const now = this.clock().getTime();
    const { tokens, filledAt } = this.#buckets.get(id) ?? { tokens: perMinute, filledAt: now };
    return { tokens: Math.min(perMinute, tokens + (Math.max(0, now - filledAt) * perMinute) / minute), filledAt: now };
  }

  /** The one that was not seen for longest goes first: the memory this takes has an upper bound. */
  #remember(id: string, bucket: Bucket): void {
    this.#buckets.delete(id);
    this.#buckets.set(id, bucket);
    if (this.#buckets.size > remembered) this.#buckets.delete(this.#buckets.keys().next().value as string);
  }
}
