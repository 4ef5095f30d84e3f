import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, GrpcMethod, Payload } from '@nestjs/microservices';
import { GetErasureRequest, protoFile, RequestErasureRequest, toProtoCase, toProtoEnum } from '@kendt/contracts';
import { type Caller, commandContext, CurrentCaller, GrpcCall, type GrpcContract, OwnAccount, ownCustomerId, positioned, Scopes } from '@kendt/nest';
import type { z } from 'zod';
import { CaseAccess } from './case-access.js';
import { toErasureCase } from './erasure-cases.projection.js';
import { RequestErasureCommand } from './request-erasure.handler.js';

export const erasureGrpc: GrpcContract = { package: 'kendt.erasure.v1', protoFile: protoFile('kendt.erasure.v1') };

@Controller()
export class ErasureGrpc {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(CaseAccess) private readonly access: CaseAccess,
  ) {}

  @GrpcMethod('Erasure', 'Request')
  @Scopes('erasure:request')
  @OwnAccount()
  async request(
    @Payload({ schema: RequestErasureRequest }) body: z.infer<typeof RequestErasureRequest>, @CurrentCaller() caller: Caller, @Ctx() metadata: Metadata,
    @GrpcCall() call: ServerUnaryCall<unknown, unknown>,
  ): Promise<object> {
    const customerId = ownCustomerId(caller, body.customerId);
    const { caseId, position } = await this.commands.execute(new RequestErasureCommand(customerId, caller.brand, body.language, commandContext(caller, metadata)));
    positioned(call, position);
    return { caseId, status: toProtoEnum('CASE_STATUS', 'requested') };
  }

  @GrpcMethod('Erasure', 'Get')
  @Scopes('erasure:request', 'erasure:manage')
  @OwnAccount()
  async get(@Payload({ schema: GetErasureRequest }) { caseId }: z.infer<typeof GetErasureRequest>, @CurrentCaller() caller: Caller): Promise<object> {
    return toProtoCase(toErasureCase(caseId, await this.access.get(caseId, caller)));
  }
}
