import { Inject, Injectable } from '@nestjs/common';
import { apiAudience } from '@kendt/contracts';
import type { Clock } from '@kendt/eventsourcing';
import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Config } from '../config/config.js';
import { type TokenKeys, verifierOf } from '../config/token-keys.js';
import { CLOCK, CONFIG, TOKEN_KEYS } from '../tokens.js';
import type { Caller } from './caller.js';
import { tokenInvalid, tokenMissing } from './token.problems.js';
import { VerifiedTokens } from './verified-tokens.js';

const claims = z.object({
  sub: z.string().min(1).optional(),
  client_id: z.string().min(1),
  scope: z.string().default(''),
  brand: z.string().min(1).optional(),
  channel: z.string().min(1).optional(),
  iat: z.number().optional(),
});

/** JWT access tokens (RFC 9068) of our own authentication service. */
@Injectable()
export class AccessTokens {
  readonly #verified = new VerifiedTokens();
  readonly #keys: JWTVerifyGetKey;

  constructor(
    @Inject(TOKEN_KEYS) tokenKeys: TokenKeys,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#keys = verifierOf(tokenKeys);
  }

  /** @param authorization the header or metadata entry. @throws Problem TOKEN_MISSING, TOKEN_INVALID. */
  async verify(authorization: string | undefined): Promise<Caller> {
    const [, token] = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
    if (!token) throw tokenMissing();
    return callerFrom(await this.#payload(token));
  }

  async #payload(token: string): Promise<JWTPayload> {
    const now = this.clock();
    const known = this.#verified.get(token, now);
    if (known) return known;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: this.config.publicUrl,
        audience: apiAudience,
        typ: 'at+jwt', // RFC 9068, 4: an ID token must never pass for an access token
        algorithms: ['ES256'],
        requiredClaims: ['exp', 'client_id'],
        clockTolerance: 5,
        currentDate: now,
      });
      this.#verified.put(token, payload, now);
      return payload;
    } catch (cause) {
      throw tokenInvalid(cause);
    }
  }
}

/** Client credentials carry the client itself as subject, or none; anything else is a customer. */
const callerFrom = (payload: JWTPayload): Caller => {
  const read = claims.safeParse(payload);
  if (!read.success) throw tokenInvalid();
  const { sub, client_id: clientId, scope, brand, channel, iat } = read.data;
  const customerId = sub === undefined || sub === clientId ? undefined : sub;
  return {
    kind: customerId ? 'customer' : 'client',
    clientId,
    ...(customerId && { customerId, ...(iat !== undefined && { issuedAt: iat }) }),
    ...(brand && { brand }),
    ...(channel && { channel }),
    scopes: scope.split(' ').filter((each) => each !== ''),
  };
};
