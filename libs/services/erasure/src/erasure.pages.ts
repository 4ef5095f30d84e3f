import { Body, Controller, Get, Header, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { LinkToken } from '@kendt/contracts';
import type { Clock } from '@kendt/eventsourcing';
import { CLOCK, Csrf, inOtherLanguage, language, LinkTokens, Page, page, Public } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { erasureNotFound } from './case-access.js';
import { Certificates } from './certificates.js';
import { ConfirmErasureCommand } from './confirm-erasure.handler.js';
import { jose } from './erasure-cases.controller.js';
import { ErasureCases } from './erasure-cases.projection.js';
import { confirmPurpose } from './erasure-mails.js';
import { confirmBody, confirmTitle, statusBody, statusTitle } from './erasure-page.texts.js';
import { Systems } from './systems.projection.js';

const Confirmation = z.strictObject({ token: LinkToken });

/** For the customer: confirm, and follow. Open to whoever has the link; nothing on them says who it is. */
@Public()
@Controller('erasure')
export class ErasurePages {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LinkTokens) private readonly links: LinkTokens,
    @Inject(Csrf) private readonly csrf: Csrf,
    @Inject(ErasureCases) private readonly cases: ErasureCases,
    @Inject(Systems) private readonly systems: Systems,
    @Inject(Certificates) private readonly certificates: Certificates,
  ) {}

  /** Opening the link changes nothing: programs that look at mails follow links too. */
  @Get('confirm')
  @Page()
  async ask(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @Query('token') token?: string): Promise<string> {
    const lang = language(request);
    const { caseId } = await this.#follow(token ?? '');
    const erasure = await this.cases.get(caseId);
    if (!erasure) throw erasureNotFound();
    if (erasure.status !== 'requested') return this.#redirect(reply, caseId, lang);
    const systems = (await this.systems.list()).map(({ system }) => system);
    const body = confirmBody({ lang, systems, token: token ?? '', csrf: this.csrf.field(request, reply) });
    return page({ title: confirmTitle[lang], lang, body, switchTo: inOtherLanguage(request.url, lang) });
  }

  @Post('confirm')
  @Page()
  async confirm(@Body({ schema: Confirmation }) { token }: z.infer<typeof Confirmation>, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { caseId, customerId } = await this.#follow(token);
    await this.commands.execute(new ConfirmErasureCommand(caseId, customerId, { channel: 'mail' }));
    return this.#redirect(reply, caseId, language(request));
  }

  @Get(':caseId')
  @Page()
  async status(@Param('caseId') caseId: string, @Req() request: FastifyRequest): Promise<string> {
    const lang = language(request);
    const erasure = await this.cases.get(caseId);
    if (!erasure) throw erasureNotFound();
    const names = new Map((await this.systems.list()).map(({ systemId, system }) => [systemId, system.description.name]));
    return page({ title: statusTitle[lang], lang, body: statusBody({ lang, caseId, erasure, names }), switchTo: inOtherLanguage(request.url, lang) });
  }

  @Get(':caseId/certificate')
  @Header('content-type', jose)
  @Header('cache-control', 'no-store')
  @Header('content-disposition', 'attachment; filename="erasure-certificate.jws"')
  async certificate(@Param('caseId') caseId: string): Promise<string> {
    if (!(await this.cases.get(caseId))) throw erasureNotFound();
    return (await this.certificates.of(caseId)).jws;
  }

  async #follow(token: string): Promise<{ caseId: string; customerId: string }> {
    const link = await this.links.verify(confirmPurpose, token, this.clock());
    return { caseId: link['caseId'] ?? '', customerId: link.customerId };
  }

  #redirect(reply: FastifyReply, caseId: string, lang: string): string {
    void reply.status(303).header('location', `/erasure/${caseId}?lang=${lang}`);
    return '';
  }
}
