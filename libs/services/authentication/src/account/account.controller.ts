import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Refusal } from '@kendt/kernel';
import { type Config, CONFIG, Csrf, language, type Language, Page, Public } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { KnownCustomer } from '../customers/customers.js';
import { IdentityProviders } from '../external/identity-providers.js';
import { accountClientId } from '../oidc/oidc.clients.js';
import { AccountSessions } from './account-sessions.js';
import { AnswerOnAccount, AskForErasure, SignOutEverywhere } from './account.commands.js';
import { accountPage, askErasurePage, dataPage, erasureAskedPage, farewellPage } from './account.page.js';
import { Accounts } from './accounts.js';

const Answer = z.strictObject({
  brandId: z.string().max(40),
  purposeId: z.string().max(40),
  noticeVersion: z.coerce.number().int().min(0).max(100_000),
  answer: z.enum(['granted', 'withdrawn']),
});
type Answer = z.infer<typeof Answer>;

const Nothing = z.strictObject({});
const Asked = z.strictObject({ nonce: z.uuid() });
type Asked = z.infer<typeof Asked>;

/** The account pages' own language is kept in `?lang`; it comes back from the provider as `state`. */
const langOf = ({ headers, query }: FastifyRequest): Language => {
  const { lang, state } = (query ?? {}) as { lang?: unknown; state?: unknown };
  return language({ headers, query: { lang: lang ?? state } });
};

@Public()
@Controller('account')
export class AccountController {
  constructor(
    @Inject(AccountSessions) private readonly sessions: AccountSessions,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(Csrf) private readonly csrf: Csrf,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Page()
  async overview(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const lang = langOf(request);
    const { iss, done } = (request.query ?? {}) as { iss?: string; done?: string };
    await this.#signedIn(request, reply, async (customer) => {
      if (iss !== undefined) return void reply.redirect(`/account?lang=${lang}`, 303);
      const view = await this.accounts.view(customer, lang);
      const providerName = (id: string): string => this.providers.named(id)?.name ?? id;
      await reply.send(accountPage(view, { lang, csrf: this.csrf.field(request, reply), signOutUrl: this.#signOutUrl(lang), providerName, ...(done && { done }) }));
    });
  }

  @Get('data')
  @Page()
  async data(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#signedIn(request, reply, async ({ customerId }) => void (await reply.send(dataPage(await this.accounts.holdings(customerId), langOf(request)))));
  }

  @Post('consents')
  @Page()
  async answer(@Body({ schema: Answer }) form: Answer, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const lang = langOf(request);
    await this.#signedIn(request, reply, async ({ customerId }) => {
      const done = await this.#answered(new AnswerOnAccount(customerId, form.brandId, form.purposeId, form.answer, form.noticeVersion, lang));
      void reply.redirect(`/account?lang=${lang}&done=${done}#consents`, 303);
    });
  }

  @Post('sign-out-everywhere')
  @Page()
  async signOutEverywhere(@Body({ schema: Nothing }) _form: object, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#signedIn(request, reply, async ({ customerId }) => {
      await this.commands.execute(new SignOutEverywhere(customerId));
      this.sessions.forgetCookie(reply);
      await reply.code(200).send(farewellPage(langOf(request), 'signedOutEverywhere'));
    });
  }

  @Get('signed-out')
  @Page()
  signedOut(@Req() request: FastifyRequest): string {
    return farewellPage(langOf(request), 'signedOut');
  }

  @Get('erasure')
  @Page()
  async askErasure(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#signedIn(request, reply, async () => void (await reply.send(askErasurePage(langOf(request), this.csrf.field(request, reply), randomUUID()))));
  }

  @Post('erasure')
  @Page()
  async erasureAsked(@Body({ schema: Asked }) { nonce }: Asked, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#signedIn(request, reply, async ({ customerId }) => {
      const caseId = await this.commands.execute<AskForErasure, string>(new AskForErasure(customerId, nonce));
      await reply.code(200).send(erasureAskedPage(langOf(request), caseId));
    });
  }

  async #answered(command: AnswerOnAccount): Promise<string> {
    try {
      await this.commands.execute(command);
      return command.answer;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'CONSENT_NOTICE_OUTDATED') return 'outdated';
      throw error;
    }
  }

  /** Without a session the provider is asked for one; without a usable account there is a page that says so. */
  async #signedIn(request: FastifyRequest, reply: FastifyReply, show: (customer: KnownCustomer) => Promise<void>): Promise<void> {
    const session = await this.sessions.of(request, reply);
    if (session.status === 'open') return show(session.customer);
    const lang = langOf(request);
    if (session.status === 'closed') return void (await reply.code(403).send(farewellPage(lang, 'closed')));
    const cameBack = (request.query as { iss?: string } | undefined)?.iss !== undefined;
    if (cameBack) return void (await reply.code(400).send(farewellPage(lang, 'noCookies')));
    void reply.redirect(request.method === 'GET' ? this.#signInUrl(lang) : `/account?lang=${lang}`, 303);
  }

  #signInUrl(lang: Language): string {
    const { publicUrl } = this.config;
    return `/oidc/auth?${new URLSearchParams({ client_id: accountClientId, response_type: 'none', scope: 'openid', redirect_uri: `${publicUrl}/account`, ui_locales: lang, state: lang }).toString()}`;
  }

  #signOutUrl(lang: Language): string {
    const { publicUrl } = this.config;
    return `/oidc/session/end?${new URLSearchParams({ client_id: accountClientId, post_logout_redirect_uri: `${publicUrl}/account/signed-out`, ui_locales: lang }).toString()}`;
  }
}
