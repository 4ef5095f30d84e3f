import { Controller, Get, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { type Clock, decision, type EventStore, handle, randomId, timestamp } from '@kendt/eventsourcing';
import { customer, customerStream } from '@kendt/domain';
import { allowFormTargets, CLOCK, Csrf, EVENT_STORE, html, language, page, Page, Problem, Public, RateLimited } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignIns } from '../customers/sign-ins.js';
import { textsIn } from '../texts/texts.js';
import { IdentityProviders } from '../external/identity-providers.js';
import { Interactions, type LoginRequest } from './interactions.js';
import { loginPage, unverifiedPage } from './login.page.js';
import { attemptOf, PasswordGuard } from './password.guard.js';

@Public()
@Controller('login')
export class LoginController {
  constructor(
    @Inject(Interactions) private readonly interactions: Interactions,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(SignIns) private readonly signIns: SignIns,
    @Inject(Csrf) private readonly csrf: Csrf,
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':uid')
  @Page()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const login = await this.#loginOr410(request, reply);
    if (!login) return;
    // Our clients are first-party: a client that asks for `prompt=consent` is answered without asking the customer.
    if (login.prompt === 'consent') return void reply.redirect(await this.interactions.finish(request, reply, { consent: {} }), 303);
    allowFormTargets(reply, login.targets);
    const failed = this.providers.named((request.query as { failed?: string }).failed ?? '');
    const alert = failed && textsIn(login.lang).login.externalFailed(failed.name);
    await reply.send(loginPage(login, { csrf: this.csrf.field(request, reply), providers: this.providers.list(), ...(alert && { alert }) }));
  }

  @Post(':uid')
  @Page()
  @RateLimited({ perAddress: 'login', perIdentifier: 'email' })
  @UseGuards(PasswordGuard)
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { login, tried, outcome } = attemptOf(request);
    allowFormTargets(reply, login.targets);
    if (outcome.outcome === 'right') {
      const result = { login: { accountId: outcome.customerId, amr: ['pwd'] }, method: 'password' };
      return void reply.redirect(await this.interactions.finish(request, reply, result), 303);
    }
    if (outcome.outcome === 'unverified') {
      await this.#sendLinkAgain(outcome.customerId, login);
      return void (await reply.code(403).send(unverifiedPage(login)));
    }
    const alert = textsIn(login.lang).login.wrong;
    await reply.code(422).send(loginPage(login, { csrf: this.csrf.field(request, reply), providers: this.providers.list(), email: tried.body.email, alert }));
  }

  /** The registration service mails on this event. */
  async #sendLinkAgain(customerId: string, { clientId }: LoginRequest): Promise<void> {
    const at = timestamp(this.clock);
    const again = decision(customer, customerStream(customerId), { type: 'RequestEmailVerification', at, data: {} });
    await handle(this.events, [again], this.signIns.context(customerId, clientId, randomId()), at);
  }

  async #loginOr410(request: FastifyRequest, reply: FastifyReply): Promise<LoginRequest | undefined> {
    try {
      return await this.interactions.of(request, reply);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'LOGIN_EXPIRED') throw error;
      const lang = language(request);
      const { expiredTitle, expiredText } = textsIn(lang).login;
      await reply.code(410).send(page({ title: expiredTitle, lang, body: html`<p>${expiredText}</p>` }));
      return undefined;
    }
  }
}
