import { Controller, Inject } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Ctx, GrpcMethod, Payload } from '@nestjs/microservices';
import type { Metadata } from '@grpc/grpc-js';
import { FindRequest, GetProfileRequest, toProtoProfile } from '@kendt/contracts';
import type { Position } from '@kendt/eventsourcing';
import { After, AsksOnly, type Caller, commandContext, CurrentCaller, Followers, GrpcCall, ownCustomerId, positioned, type PositionTarget, Scopes } from '@kendt/nest';
import type { z } from 'zod';
import { customersName } from './customers.projection.js';
import { FindCustomerQuery } from './find-customer.query.js';
import { GetCustomerQuery, ownBrand } from './get-customer.query.js';
import { Looks } from './looks.js';

/** The same as over REST, for the tills. */
@Controller()
export class ProfileGrpc {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(Looks) private readonly looks: Looks,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  @GrpcMethod('Profile', 'Get')
  @AsksOnly()
  @Scopes('customers:read')
  async get(
    @Payload({ schema: GetProfileRequest }) { customerId }: z.infer<typeof GetProfileRequest>,
    @CurrentCaller() caller: Caller,
    @After() after: Position | undefined,
    @Ctx() metadata: Metadata,
    @GrpcCall() call: PositionTarget,
  ): Promise<object> {
    await this.followers.caughtUpWith(customersName, after);
    const profile = await this.queries.execute(new GetCustomerQuery(ownCustomerId(caller, customerId), caller));
    positioned(call, await this.looks.opened(profile, caller, commandContext(caller, metadata)));
    return toProtoProfile(profile);
  }

  @GrpcMethod('Profile', 'Find')
  @AsksOnly()
  @Scopes('customers:find')
  async find(
    @Payload({ schema: FindRequest }) wish: z.infer<typeof FindRequest>,
    @CurrentCaller() caller: Caller,
    @After() after: Position | undefined,
    @Ctx() metadata: Metadata,
    @GrpcCall() call: PositionTarget,
  ): Promise<object> {
    const profile = await this.queries.execute(new FindCustomerQuery(wish, ownBrand(caller), after));
    positioned(call, await this.looks.found(profile, caller, wish, commandContext(caller, metadata)));
    return toProtoProfile(profile);
  }
}
