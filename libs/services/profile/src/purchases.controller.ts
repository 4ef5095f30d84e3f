import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { PurchaseAccepted, PurchaseHistory, PurchaseHistoryQuery, RecordPurchase } from '@kendt/contracts';
import type { Position } from '@kendt/eventsourcing';
import { After, ApiAcceptedResponse, ApiOkResponse, ApiTags, type Caller, commandContext, CurrentCaller, ownCustomerId, positioned, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ownBrand } from './get-customer.query.js';
import { GetPurchasesQuery } from './get-purchases.query.js';
import { answerPage } from './next-link.js';
import { RecordPurchaseCommand } from './record-purchase.handler.js';

@ApiTags('profile')
@Controller('v1')
export class PurchasesController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  @Get('customers/:id/purchases')
  @Scopes('purchases:read')
  @ApiOkResponse({ standardSchema: PurchaseHistory })
  async history(
    @Param('id') id: string,
    @Query({ schema: PurchaseHistoryQuery }) wish: PurchaseHistoryQuery,
    @CurrentCaller() caller: Caller,
    @After() after: Position | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PurchaseHistory> {
    const query = new GetPurchasesQuery(ownCustomerId(caller, id), ownBrand(caller), wish, after);
    return answerPage(await this.queries.execute(query), request, reply);
  }

  /** For shops that do not publish to a topic. The same `purchaseId` again is recorded once. */
  @Post('purchases')
  @HttpCode(202)
  @Scopes('purchases:write')
  @ApiAcceptedResponse({ standardSchema: PurchaseAccepted })
  async record(
    @Body({ schema: RecordPurchase }) purchase: RecordPurchase,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PurchaseAccepted> {
    const command = new RecordPurchaseCommand(purchase, ownBrand(caller), caller.clientId, commandContext(caller, request));
    positioned(reply, await this.commands.execute(command));
    return { purchaseId: purchase.purchaseId };
  }
}
