import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Certificate, ConfirmErasure, ErasureCase, ErasureRequested, RequestErasure } from '@kendt/contracts';
import type { Clock } from '@kendt/eventsourcing';
import { After, ApiOkResponse, ApiResponse, type Caller, CLOCK, commandContext, CurrentCaller, LinkTokens, OwnAccount, ownCustomerId, positioned, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CaseAccess, erasureNotFound } from './case-access.js';
import { Certificates } from './certificates.js';
import { ConfirmErasureCommand } from './confirm-erasure.handler.js';
import { toErasureCase } from './erasure-cases.projection.js';
import { confirmPurpose } from './erasure-mails.js';
import { RequestErasureCommand } from './request-erasure.handler.js';

/** RFC 7515, 9.2.1. */
export const jose = 'application/jose';

@Controller('v1/erasure-cases')
export class ErasureCasesController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LinkTokens) private readonly links: LinkTokens,
    @Inject(CaseAccess) private readonly access: CaseAccess,
    @Inject(Certificates) private readonly certificates: Certificates,
  ) {}

  @Post()
  @Scopes('erasure:request')
  @OwnAccount()
  @HttpCode(202)
  @ApiResponse({ status: 202, standardSchema: ErasureRequested })
  async request(
    @Body({ schema: RequestErasure }) body: RequestErasure, @CurrentCaller() caller: Caller, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ErasureRequested> {
    const customerId = ownCustomerId(caller, body.customerId);
    const { caseId, position } = await this.commands.execute(new RequestErasureCommand(customerId, caller.brand, body.language, commandContext(caller, request)));
    positioned(reply, position);
    return { caseId, status: 'requested' };
  }

  @Post(':id/confirm')
  @Scopes('erasure:request')
  @OwnAccount()
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: ErasureCase })
  async confirm(
    @Param('id') caseId: string, @Body({ schema: ConfirmErasure }) { token }: ConfirmErasure, @CurrentCaller() caller: Caller, @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ErasureCase> {
    const { customerId } = await this.access.get(caseId, caller);
    const link = await this.links.verify(confirmPurpose, token, this.clock());
    if (link['caseId'] !== caseId || link.customerId !== customerId) throw erasureNotFound();
    const { position } = await this.commands.execute(new ConfirmErasureCommand(caseId, customerId, commandContext(caller, request)));
    positioned(reply, position);
    return toErasureCase(caseId, await this.access.get(caseId, caller, position));
  }

  @Get(':id')
  @Scopes('erasure:request', 'erasure:manage')
  @OwnAccount()
  @ApiOkResponse({ standardSchema: ErasureCase })
  async get(@Param('id') caseId: string, @CurrentCaller() caller: Caller, @After() after: string | undefined): Promise<ErasureCase> {
    return toErasureCase(caseId, await this.access.get(caseId, caller, after));
  }

  @Get(':id/certificate')
  @Scopes('erasure:request', 'erasure:manage')
  @OwnAccount()
  @Header('vary', 'accept')
  @ApiOkResponse({ standardSchema: Certificate })
  async certificate(
    @Param('id') caseId: string, @CurrentCaller() caller: Caller, @After() after: string | undefined, @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Certificate | string> {
    await this.access.get(caseId, caller, after);
    const certificate = await this.certificates.of(caseId);
    if (!(request.headers.accept ?? '').includes(jose)) return certificate;
    void reply.type(jose);
    return certificate.jws;
  }
}
