import { Body, Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { LinkToken } from '@kendt/contracts';
import { Refusal } from '@kendt/kernel';
import { accents, commandContext, Csrf, Directory, html, type Html, inOtherLanguage, type Language, language, Page, page, type PageOptions, Public, RateLimited, toProblem } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ChoosePasswordCommand, type RefusedPassword } from './choose-password.handler.js';
import { VerifyEmailCommand } from './verify-email.handler.js';
import { choiceTexts, type Outcome, verifyTexts } from './verify.texts.js';

/** What is wrong with them is told on a page, so the schema lets any text pass. */
const Chosen = z.strictObject({ token: z.string(), password: z.string() });
type Chosen = z.infer<typeof Chosen>;

interface Result {
  readonly outcome: Outcome | 'choose';
  readonly status: number;
  readonly brandId?: string | undefined;
  readonly refused?: RefusedPassword | undefined;
}

const outcomes: Readonly<Record<string, Outcome>> = {
  LINK_EXPIRED: 'expired',
  EMAIL_CHANGED_SINCE: 'replaced',
  CUSTOMER_FROZEN: 'closed',
  CUSTOMER_SUSPENDED: 'suspended',
  EMAIL_ALREADY_VERIFIED: 'already',
};

/** Where the link of the confirmation mail leads. */
@Public()
@Controller()
export class VerifyPage {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(Directory) private readonly directory: Directory,
    @Inject(Csrf) private readonly csrf: Csrf,
  ) {}

  @Get('verify')
  @Page()
  @RateLimited({ perAddress: 'register' })
  async verify(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @Query('token') token: unknown): Promise<string> {
    if (request.method === 'HEAD') return ''; // mail programs look at links with HEAD: a look confirms nothing
    const result = await this.#follow(token, async (link) => {
      const { brandId, needsPassword } = await this.commands.execute(new VerifyEmailCommand(link, commandContext(undefined, request)));
      return { outcome: needsPassword ? 'choose' : 'verified', status: 200, brandId };
    });
    return this.#answer(result, request, reply, token);
  }

  /** The password that the mailbox's owner has chosen, where following the link alone confirms nothing. */
  @Post('verify')
  @Page()
  @RateLimited({ perAddress: 'register' })
  async choose(@Body({ schema: Chosen }) { token, password }: Chosen, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const result = await this.#follow(token, async (link) => {
      const { brandId, refused } = await this.commands.execute(new ChoosePasswordCommand(link, password, commandContext(undefined, request)));
      return refused ? { outcome: 'choose', status: 422, brandId, refused } : { outcome: 'chosen', status: 200, brandId };
    });
    return this.#answer(result, request, reply, token);
  }

  async #follow(token: unknown, then: (link: string) => Promise<Result>): Promise<Result> {
    const link = LinkToken.safeParse(token);
    if (!link.success) return { outcome: 'invalid', status: 404 };
    try {
      return await then(link.data);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind === 'busy' || error.code === 'CONCURRENT_CHANGE') throw error;
      return { outcome: outcomes[error.code] ?? 'invalid', status: toProblem(error).status };
    }
  }

  #answer(result: Result, request: FastifyRequest, reply: FastifyReply, token: unknown): string {
    reply.code(result.status);
    const lang = language(request);
    const { title, body } = result.outcome === 'choose' ? choice(lang, String(token), this.csrf.field(request, reply), result.refused) : outcome(lang, result.outcome);
    const switchTo = request.method === 'GET' && { switchTo: inOtherLanguage(request.url, lang) };
    return page({ title, lang, body, ...this.#brand(result.brandId), ...switchTo });
  }

  #brand(brandId: string | undefined): Pick<PageOptions, 'brand'> {
    const found = brandId === undefined ? undefined : this.directory.brand(brandId);
    if (!found) return {};
    const accent = accents.find((each) => each === found.look);
    return { brand: { name: found.name, ...(accent && { accent }) } };
  }
}

interface Shown {
  readonly title: string;
  readonly body: Html;
}

const outcome = (lang: Language, what: Outcome): Shown => {
  const { title, text, signIn } = verifyTexts[lang][what];
  const body = html`<p role="${what === 'verified' || what === 'chosen' ? 'status' : 'alert'}">${text}</p>
${signIn && html`<p><a class="button" href="/account?lang=${lang}">${signIn}</a></p>`}`;
  return { title, body };
};

/** What was typed is not shown again: a password has no place in a page. */
const choice = (lang: Language, token: string, csrf: Html, refused: RefusedPassword | undefined): Shown => {
  const { title, ...texts } = choiceTexts[lang];
  const body = html`${refused && html`<p id="refused" role="alert">${texts.refused[refused]}</p>`}
<p>${texts.text}</p>
<p>${texts.consequence}</p>
<form class="narrow" method="post" action="/verify?lang=${lang}">${csrf}<input type="hidden" name="token" value="${token}">
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="10" maxlength="256" aria-describedby="${refused ? 'refused ' : ''}hint"${refused && html` aria-invalid="true"`}>
<p class="hint" id="hint">${texts.hint}</p>
<button>${texts.submit}</button>
</form>`;
  return { title, body };
};
