import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { Problem } from '../problems/problem.js';
import { CONFIG, SECRETS } from '../tokens.js';
import { html, type Html } from './html.js';

const fieldName = '_csrf';
const seedShape = /^[A-Za-z0-9_-]{43}$/;

/**
 * Signed double-submit tokens (OWASP, Cross-Site Request Forgery Prevention): a random value in a cookie, and its HMAC in the
 * form. A foreign site can neither read the cookie nor make the HMAC.
 */
@Injectable()
export class Csrf {
  readonly #secure: boolean;
  #madeKey: Buffer | undefined;

  constructor(@Inject(CONFIG) config: Config, @Inject(SECRETS) private readonly secrets: Pick<Secrets, 'cookieKey'>) {
    this.#secure = config.publicUrl.startsWith('https://');
  }

  /** Put it in every form: `<form method="post">${csrf.field(request, reply)}…`. Sets the cookie where there is none yet. */
  field(request: FastifyRequest, reply: FastifyReply): Html {
    const seed = this.#seed(request) ?? this.#newSeed(reply);
    request.cookies[this.#cookie] = seed; // a second form on the same page shares it
    return html`<input type="hidden" name="${fieldName}" value="${this.#token(seed)}">`;
  }

  /** @throws Problem CSRF_INVALID. Takes the field out of the body, so that strict schemas need not know it. */
  check(request: FastifyRequest): void {
    const body = request.body as Record<string, unknown> | null | undefined;
    const sent = body?.[fieldName];
    const seed = this.#seed(request);
    if (!seed || typeof sent !== 'string' || !same(sent, this.#token(seed))) throw new Problem(403, 'CSRF_INVALID', 'The form is too old: reload the page');
    delete body?.[fieldName];
  }

  /** Made when the first form is: a service without pages is not given the secret. */
  get #key(): Buffer {
    return (this.#madeKey ??= createHmac('sha256', this.secrets.cookieKey).update('csrf').digest());
  }

  get #cookie(): string {
    return this.#secure ? '__Host-kendt-csrf' : 'kendt-csrf';
  }

  #seed(request: FastifyRequest): string | undefined {
    const seed = request.cookies[this.#cookie];
    return seed !== undefined && seedShape.test(seed) ? seed : undefined;
  }

  #newSeed(reply: FastifyReply): string {
    const seed = randomBytes(32).toString('base64url');
    reply.setCookie(this.#cookie, seed, { path: '/', httpOnly: true, sameSite: 'lax', secure: this.#secure });
    return seed;
  }

  #token(seed: string): string {
    return createHmac('sha256', this.#key).update(seed).digest('base64url');
  }
}

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
