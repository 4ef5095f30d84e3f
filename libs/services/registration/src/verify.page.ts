import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { LinkToken } from '@kendt/contracts';
import { Refusal } from '@kendt/kernel';
import { accents, commandContext, Directory, html, inOtherLanguage, type Language, language, Page, page, type PageOptions, Public, RateLimited, toProblem } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { VerifyEmailCommand } from './verify-email.handler.js';
import { type Outcome, verifyTexts } from './verify.texts.js';

interface Result {
  readonly outcome: Outcome;
  readonly status: number;
  readonly brandId?: string | undefined;
}

const outcomes: Readonly<Record<string, Outcome>> = { LINK_EXPIRED: 'expired', EMAIL_CHANGED_SINCE: 'replaced', CUSTOMER_FROZEN: 'closed' };

/** Where the link of the confirmation mail leads. */
@Public()
@Controller()
export class VerifyPage {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(Directory) private readonly directory: Directory,
  ) {}

  @Get('verify')
  @Page()
  @RateLimited({ perAddress: 'register' })
  async verify(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @Query('token') token: unknown): Promise<string> {
    if (request.method === 'HEAD') return ''; // mail programs look at links with HEAD: a look confirms nothing
    const { outcome, status, brandId } = await this.#follow(token, request);
    reply.code(status);
    return this.#page(outcome, language(request), brandId, request.url);
  }

  async #follow(token: unknown, request: FastifyRequest): Promise<Result> {
    const link = LinkToken.safeParse(token);
    if (!link.success) return { outcome: 'invalid', status: 404 };
    try {
      const { brandId } = await this.commands.execute(new VerifyEmailCommand(link.data, commandContext(undefined, request)));
      return { outcome: 'verified', status: 200, brandId };
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind === 'busy') throw error;
      return { outcome: outcomes[error.code] ?? 'invalid', status: toProblem(error).status };
    }
  }

  #page(outcome: Outcome, lang: Language, brandId: string | undefined, url: string): string {
    const { title, text, signIn } = verifyTexts[lang][outcome];
    const body = html`<p role="${outcome === 'verified' ? 'status' : 'alert'}">${text}</p>
${signIn && html`<p><a class="button" href="/account?lang=${lang}">${signIn}</a></p>`}`;
    return page({ title, lang, body, ...this.#brand(brandId), switchTo: inOtherLanguage(url, lang) });
  }

  #brand(brandId: string | undefined): Pick<PageOptions, 'brand'> {
    const found = brandId === undefined ? undefined : this.directory.brand(brandId);
    if (!found) return {};
    const accent = accents.find((each) => each === found.look);
    return { brand: { name: found.name, ...(accent && { accent }) } };
  }
}
