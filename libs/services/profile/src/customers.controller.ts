import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Accesses, AccessesQuery, CustomerProfile, FindCustomer } from '@kendt/contracts';
import type { Position } from '@kendt/eventsourcing';
import { After, ApiOkResponse, ApiTags, AsksOnly, type Caller, commandContext, CurrentCaller, CustomerIdParam, Followers, positioned, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { customersName } from './customers.projection.js';
import { FindCustomerQuery } from './find-customer.query.js';
import { GetAccessesQuery } from './get-accesses.query.js';
import { GetCustomerQuery, ownBrand } from './get-customer.query.js';
import { Looks } from './looks.js';
import { answerPage } from './next-link.js';

@ApiTags('profile')
@Controller('v1/customers')
export class CustomersController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(Looks) private readonly looks: Looks,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  /** A look by staff is recorded before it is answered; what a shop reads on the customer's own behalf is not a look. */
  @Get(':id')
  @Scopes('customers:read')
  @ApiOkResponse({ standardSchema: CustomerProfile })
  async get(
    @CustomerIdParam() customerId: string,
    @CurrentCaller() caller: Caller,
    @After() after: Position | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerProfile> {
    await this.followers.caughtUpWith(customersName, after);
    const profile = await this.queries.execute(new GetCustomerQuery(customerId, caller));
    positioned(reply, await this.looks.opened(profile, caller, commandContext(caller, request)));
    return profile;
  }

  /** A question, though it is a POST: personal data stands in no URL. */
  @Post('find')
  @HttpCode(200)
  @AsksOnly()
  @Scopes('customers:find')
  @ApiOkResponse({ standardSchema: CustomerProfile })
  async find(
    @Body({ schema: FindCustomer }) wish: FindCustomer,
    @CurrentCaller() caller: Caller,
    @After() after: Position | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerProfile> {
    const profile = await this.queries.execute(new FindCustomerQuery(wish, ownBrand(caller), after));
    positioned(reply, await this.looks.found(profile, caller, wish, commandContext(caller, request)));
    return profile;
  }

  /** A brand's client sees who looked for that brand; the customer sees everybody. */
  @Get(':id/accesses')
  @Scopes('customers:read')
  @ApiOkResponse({ standardSchema: Accesses })
  async accesses(
    @CustomerIdParam() customerId: string,
    @Query({ schema: AccessesQuery }) wish: AccessesQuery,
    @CurrentCaller() caller: Caller,
    @After() after: Position | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accesses> {
    const brandId = caller.kind === 'client' ? caller.brand : undefined;
    return answerPage(await this.queries.execute(new GetAccessesQuery(customerId, brandId, wish, after)), request, reply);
  }
}
