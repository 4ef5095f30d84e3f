import { Body, Controller, Delete, HttpCode, Inject, Param, Put, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { SuspendCustomer } from '@kendt/contracts';
import { ApiNoContentResponse, ApiOperation, type Caller, commandContext, CurrentCaller, ownCustomerId, positioned, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { visibleBrand } from './customers.js';
import { ReinstateCustomerCommand } from './reinstate-customer.handler.js';
import { SuspendCustomerCommand } from './suspend-customer.handler.js';

/** For clients alone: whoever is signed in as the customer may be the reason for the suspension. */
@Controller('v1/customers')
export class SuspensionController {
  constructor(@Inject(CommandBus) private readonly commands: CommandBus) {}

  @Put(':id/suspension')
  @Scopes('customers:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Suspend this customer: sessions end at once, and nobody can sign in' })
  @ApiNoContentResponse()
  async suspend(
    @Param('id') id: string,
    @Body({ schema: SuspendCustomer }) { reason }: SuspendCustomer,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const command = new SuspendCustomerCommand(ownCustomerId(caller, id), reason, visibleBrand(caller), commandContext(caller, request));
    positioned(reply, await this.commands.execute(command));
  }

  @Delete(':id/suspension')
  @Scopes('customers:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Reinstate this customer, who signs in anew' })
  @ApiNoContentResponse()
  async reinstate(
    @Param('id') id: string,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const command = new ReinstateCustomerCommand(ownCustomerId(caller, id), visibleBrand(caller), commandContext(caller, request));
    positioned(reply, await this.commands.execute(command));
  }
}
