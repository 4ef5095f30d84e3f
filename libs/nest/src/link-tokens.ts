import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@kendt/kernel';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Secrets } from './config/secrets.js';
import { SECRETS } from './tokens.js';

/** What a link in a mail says. Ids only: links end up in histories and logs of others. */
export interface Link {
  /** One word for what following it does: `verify-email`, `confirm-erasure`. A link for one thing never does another. */
  readonly purpose: string;
  readonly customerId: string;
  readonly [id: string]: string;
}

const type = 'kendt-link';
const audience = (purpose: string): string => `urn:kendt:link:${purpose}`;
const reserved = new Set(['aud', 'exp', 'sub', 'iat', 'nbf', 'iss', 'jti']);

/** Tokens of the links in mails: compact JWS (RFC 7515), HS256 with a key used for nothing else. */
@Injectable()
export class LinkTokens {
  #madeKey: Uint8Array | undefined;

  constructor(@Inject(SECRETS) private readonly secrets: Pick<Secrets, 'linkKey'>) {}

  /** Made with the first link: a service that knows no links is not given the secret. */
  get #key(): Uint8Array {
    return (this.#madeKey ??= new Uint8Array(createHmac('sha256', this.secrets.linkKey).update('links').digest()));
  }

  /** At most 512 characters as long as the ids are short. */
  async sign({ purpose, customerId, ...ids }: Link, expiresAt: Date): Promise<string> {
    if (Object.keys(ids).some((name) => reserved.has(name))) throw new Error('An id of a link has the name of a registered claim');
    return new SignJWT(ids).setProtectedHeader({ alg: 'HS256', typ: type }).setAudience(audience(purpose)).setSubject(customerId).setExpirationTime(expiresAt).sign(this.#key);
  }

  /** @throws Refusal LINK_EXPIRED (gone) when its time is over, LINK_INVALID (not-found) when it is not one of ours, or for something else. */
  async verify(purpose: string, token: string, now: Date): Promise<Link> {
    try {
      const options = { algorithms: ['HS256'], typ: type, audience: audience(purpose), requiredClaims: ['exp', 'sub'], currentDate: now };
      const { payload } = await jwtVerify(token, this.#key, options);
      return { ...idsOf(payload), purpose, customerId: payload.sub ?? '' };
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) throw new Refusal('LINK_EXPIRED', 'The link has expired', 'gone');
      throw new Refusal('LINK_INVALID', 'The link is not one of ours, or for something else', 'not-found');
    }
  }
}

const idsOf = (payload: JWTPayload): Record<string, string> =>
  Object.fromEntries(Object.entries(payload).filter((entry): entry is [string, string] => !reserved.has(entry[0]) && typeof entry[1] === 'string'));
