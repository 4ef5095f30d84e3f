import { Body, Controller, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { AnswerConsent, ConsentReceipt, ConsentsQuery, ConsentStates, Slug } from '@kendt/contracts';
import { ApiNoContentResponse, ApiOkResponse, ApiTags, type Caller, commandContext, CurrentCaller, CustomerIdParam, positioned, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnswerConsentCommand } from './answer-consent.handler.js';
import { GetConsentsQuery } from './get-consents.query.js';

@ApiTags('consent')
@Controller('v1/customers/:id/consents')
export class ConsentsController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  /** A client sees its own brand; the customer sees every brand. */
  @Get()
  @Scopes('consents:read')
  @ApiOkResponse({ standardSchema: ConsentStates })
  states(@CustomerIdParam() customerId: string, @Query({ schema: ConsentsQuery }) { at }: ConsentsQuery, @CurrentCaller() caller: Caller): Promise<ConsentStates> {
    return this.queries.execute(new GetConsentsQuery(customerId, caller.kind === 'client' ? caller.brand : undefined, at));
  }

  /** 204 where nothing was ever given, so that there is nothing to withdraw and nothing to give a receipt for. */
  @Put(':purpose')
  @Scopes('consents:write')
  @ApiOkResponse({ standardSchema: ConsentReceipt })
  @ApiNoContentResponse()
  async answer(
    @CustomerIdParam() customerId: string,
    @Param('purpose', { schema: Slug }) purposeId: string,
    @Body({ schema: AnswerConsent }) answer: AnswerConsent,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConsentReceipt | undefined> {
    const { position, receipt } = await this.commands.execute(new AnswerConsentCommand(customerId, purposeId, answer, caller, commandContext(caller, request)));
    positioned(reply, position);
    if (!receipt) reply.code(204);
    return receipt;
  }
}
