import { randomBytes } from 'node:crypto';
import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { type Config, CONFIG, Csrf, allowFormTargets, notFound, Page, Problem, Public, RateLimited } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { IdentityProvider } from '@kendt/contracts';
import { Interactions, type LoginRequest } from '../login/interactions.js';
import { linkPage, noEmailPage, unverifiedPage } from '../login/login.page.js';
import { Passwords } from '../login/passwords.js';
import { OidcStore } from '../oidc/oidc.store.js';
import { textsIn } from '../texts/texts.js';
import { ExternalCustomers } from './external-customers.js';
import type { ExternalIdentity, Kept } from './external-identity.js';
import { IdentityProviders } from './identity-providers.js';

const Link = z.strictObject({ password: z.string().max(1024) });
type Link = z.infer<typeof Link>;

interface Journey {
  readonly uid: string;
  readonly provider: string;
  readonly keep: Kept;
}

const cookieName = 'kendt-external';
const tenMinutes = 600;

/** To another provider and back. What is under way is kept sealed, for one browser, once, for ten minutes. */
@Public()
@Controller('login')
export class ExternalController {
  constructor(
    @Inject(Interactions) private readonly interactions: Interactions,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(ExternalCustomers) private readonly externals: ExternalCustomers,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(OidcStore) private readonly store: OidcStore,
    @Inject(Csrf) private readonly csrf: Csrf,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get(':uid/with/:provider')
  @Page()
  @RateLimited({ perAddress: 'login' })
  async leave(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const [login, provider] = [await this.interactions.of(request, reply), this.#providerOf(request)];
    const state = randomBytes(32).toString('base64url');
    try {
      const { url, keep } = await this.providers.route(provider).begin(state, this.#callbackUrl(provider));
      await this.#keep('ExternalJourney', state, { uid: login.uid, provider: provider.id, keep });
      this.#setCookie(reply, state);
      void reply.redirect(url, 303);
    } catch {
      void reply.redirect(failedAt(login.uid, provider), 303);
    }
  }

  @Get('callback/:provider')
  @Page()
  @RateLimited({ perAddress: 'login' })
  async comeBack(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const provider = this.#providerOf(request);
    const answer = new URL(request.url, this.config.publicUrl);
    const state = answer.searchParams.get('state') ?? '';
    const journey = state !== '' && request.cookies[cookieName] === state ? await this.#take<Journey>('ExternalJourney', state) : undefined;
    reply.clearCookie(cookieName, { path: '/login/callback' });
    if (journey?.provider !== provider.id) throw new Problem(410, 'LOGIN_EXPIRED', 'This sign-in has expired, or belongs to another browser');
    try {
      const identity = await this.providers.route(provider).finish(answer, state, journey.keep, this.#callbackUrl(provider));
      await this.#keep('ExternalIdentity', journey.uid, identity);
      void reply.redirect(`/login/${journey.uid}/external`, 303);
    } catch {
      void reply.redirect(failedAt(journey.uid, provider), 303);
    }
  }

  @Get(':uid/external')
  @Page()
  async recognise(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const login = await this.interactions.of(request, reply);
    const { identity, provider } = await this.#arrived(login);
    const known = await this.externals.recognise(identity, login);
    allowFormTargets(reply, login.targets);
    if (known.as === 'namesake') return void (await reply.send(linkPage(login, provider, this.csrf.field(request, reply))));
    await this.#take('ExternalIdentity', login.uid);
    if (known.as === 'customer') return this.#finish(request, reply, login, known.customerId, provider);
    if (known.as === 'unconfirmed') return void (await reply.code(403).send(unverifiedPage(login)));
    if (known.as === 'without-email') return void (await reply.code(403).send(noEmailPage(login, provider)));
    void reply.redirect(failedAt(login.uid, provider), 303);
  }

  @Post(':uid/link')
  @Page()
  @RateLimited({ perAddress: 'login' })
  async link(@Body({ schema: Link }) { password }: Link, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const login = await this.interactions.of(request, reply);
    const { identity, provider } = await this.#arrived(login);
    const known = await this.externals.recognise(identity, login);
    allowFormTargets(reply, login.targets);
    if (known.as !== 'namesake') return void reply.redirect(`/login/${login.uid}/external`, 303);
    const { outcome } = await this.passwords.checkOf(known.customerId, password, login.clientId);
    if (outcome === 'wrong') return void (await reply.code(422).send(linkPage(login, provider, this.csrf.field(request, reply), textsIn(login.lang).login.linkWrong)));
    const done = await this.externals.link(known.customerId, identity, login);
    await this.#take('ExternalIdentity', login.uid);
    if (done === 'unconfirmed') return void (await reply.code(403).send(unverifiedPage(login)));
    await this.#finish(request, reply, login, known.customerId, provider);
  }

  async #finish(request: FastifyRequest, reply: FastifyReply, _login: LoginRequest, accountId: string, provider: IdentityProvider): Promise<void> {
    void reply.redirect(await this.interactions.finish(request, reply, { login: { accountId }, method: `external:${provider.id}` }), 303);
  }

  async #arrived({ uid }: LoginRequest): Promise<{ identity: ExternalIdentity; provider: IdentityProvider }> {
    const identity = (await this.store.adapter('ExternalIdentity').find(uid)) as unknown as ExternalIdentity | undefined;
    const provider = identity && this.providers.named(identity.provider);
    if (!identity || !provider) throw new Problem(410, 'LOGIN_EXPIRED', 'This sign-in has expired, or belongs to another browser');
    return { identity, provider };
  }

  async #keep(model: string, id: string, content: object): Promise<void> {
    await this.store.adapter(model).upsert(id, content as never, tenMinutes);
  }

  async #take<T>(model: string, id: string): Promise<T | undefined> {
    const kept = this.store.adapter(model);
    const found = (await kept.find(id)) as T | undefined;
    await kept.destroy(id);
    return found;
  }

  #providerOf(request: FastifyRequest): IdentityProvider {
    const provider = this.providers.named((request.params as { provider?: string }).provider ?? '');
    if (!provider) throw notFound();
    return provider;
  }

  #callbackUrl({ id }: IdentityProvider): string {
    return `${this.config.publicUrl}/login/callback/${id}`;
  }

  #setCookie(reply: FastifyReply, state: string): void {
    const secure = this.config.publicUrl.startsWith('https://');
    reply.setCookie(cookieName, state, { path: '/login/callback', httpOnly: true, sameSite: 'lax', secure, maxAge: tenMinutes });
  }
}

const failedAt = (uid: string, { id }: IdentityProvider): string => `/login/${uid}?failed=${id}`;
