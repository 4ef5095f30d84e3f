import { Body, Controller, Delete, HttpCode, Inject, Param, Patch, Put, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ChangeContact, JoinBrand, RecordReference, Slug } from '@kendt/contracts';
import { ApiNoContentResponse, ApiOperation, type Caller, commandContext, CurrentCaller, CustomerIdParam, ownCustomerId, positioned, RateLimited, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ChangeContactCommand } from './change-contact.handler.js';
import { visibleBrand } from './customers.js';
import { JoinBrandCommand } from './join-brand.handler.js';
import { LeaveBrandCommand } from './leave-brand.handler.js';
import { RecordReferenceCommand } from './record-reference.handler.js';

/** No body at all means no answers. */
const JoinBrandOrNothing = z.preprocess((body) => body ?? {}, JoinBrand);

@Controller('v1/customers')
export class CustomersController {
  constructor(@Inject(CommandBus) private readonly commands: CommandBus) {}

  @Patch(':id/contact')
  @Scopes('customers:write')
  @HttpCode(204)
  @RateLimited({ perAddress: 'register', perIdentifier: 'email' })
  @ApiOperation({ summary: 'Change contact details; another e-mail address has to be confirmed anew' })
  @ApiNoContentResponse()
  async changeContact(
    @CustomerIdParam() customerId: string,
    @Body({ schema: ChangeContact }) change: ChangeContact,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const command = new ChangeContactCommand(customerId, change, visibleBrand(caller), commandContext(caller, request));
    positioned(reply, await this.commands.execute(command));
  }

  @Put(':id/brands/:brand')
  @Scopes('customers:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Become a customer of this brand too' })
  @ApiNoContentResponse()
  async joinBrand(
    @CustomerIdParam() customerId: string,
    @Param('brand', { schema: Slug }) brandId: string,
    @Body({ schema: JoinBrandOrNothing }) { consents }: JoinBrand,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    positioned(reply, await this.commands.execute(new JoinBrandCommand(customerId, brandId, consents, caller, commandContext(caller, request))));
  }

  @Delete(':id/brands/:brand')
  @Scopes('customers:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Leave this brand; what it was allowed is withdrawn' })
  @ApiNoContentResponse()
  async leaveBrand(
    @CustomerIdParam() customerId: string,
    @Param('brand', { schema: Slug }) brandId: string,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    positioned(reply, await this.commands.execute(new LeaveBrandCommand(customerId, brandId, caller, commandContext(caller, request))));
  }

  @Put(':id/references/:system')
  @Scopes('customers:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Record the id of this customer in another system, or a loyalty number' })
  @ApiNoContentResponse()
  async recordReference(
    @Param('id') id: string,
    @Param('system', { schema: Slug }) systemId: string,
    @Body({ schema: RecordReference }) { reference }: RecordReference,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const command = new RecordReferenceCommand(ownCustomerId(caller, id), systemId, reference, visibleBrand(caller), commandContext(caller, request));
    positioned(reply, await this.commands.execute(command));
  }
}
