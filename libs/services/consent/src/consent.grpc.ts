import { Controller, Inject } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { Ctx, GrpcMethod, Payload } from '@nestjs/microservices';
import { Metadata } from '@grpc/grpc-js';
import { GetConsentsRequest, SetConsentRequest, toProtoConsentChange, toProtoConsents, toProtoEnum, WatchConsentsRequest } from '@kendt/contracts';
import { visibleTo } from '@kendt/domain';
import type { EventStore } from '@kendt/eventsourcing';
import { AsksOnly, type Caller, commandContext, CurrentCaller, EVENT_STORE, GrpcCall, ownCustomerId, positioned, Scopes } from '@kendt/nest';
import { map, type Observable } from 'rxjs';
import type { z } from 'zod';
import { AnswerConsentCommand } from './answer-consent.handler.js';
import { readCustomer } from './consent.streams.js';
import { ConsentWatch } from './consent.watch.js';
import { GetConsentsQuery } from './get-consents.query.js';

type Requested<T extends z.ZodType> = z.infer<T>;
interface Call {
  sendMetadata(metadata: Metadata): void;
}

@Controller()
export class ConsentGrpc {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ConsentWatch) private readonly watching: ConsentWatch,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @GrpcMethod('Consent', 'Get')
  @AsksOnly()
  @Scopes('consents:read')
  async get(@Payload({ schema: GetConsentsRequest }) { customerId, at }: Requested<typeof GetConsentsRequest>, @CurrentCaller() caller: Caller): Promise<object> {
    return toProtoConsents(await this.queries.execute(new GetConsentsQuery(ownCustomerId(caller, customerId), caller.brand, at)));
  }

  @GrpcMethod('Consent', 'Set')
  @Scopes('consents:write')
  async set(
    @Payload({ schema: SetConsentRequest }) { customerId, purposeId, answer }: Requested<typeof SetConsentRequest>,
    @CurrentCaller() caller: Caller,
    @Ctx() metadata: Metadata,
    @GrpcCall() call: Call,
  ): Promise<object> {
    const command = new AnswerConsentCommand(ownCustomerId(caller, customerId), purposeId, answer, caller, commandContext(caller, metadata));
    const { position, standing } = await this.commands.execute(command);
    positioned(call, position);
    return { state: toProtoEnum('CONSENT_STATE', standing?.state ?? 'none'), receiptId: standing?.eventId ?? '' };
  }

  @GrpcMethod('Consent', 'Watch')
  @Scopes('consents:read')
  async watch(
    @Payload({ schema: WatchConsentsRequest }) { customerId, purposeIds }: Requested<typeof WatchConsentsRequest>,
    @CurrentCaller() caller: Caller,
    @GrpcCall() call: Call,
  ): Promise<Observable<object>> {
    const brandId = caller.brand;
    if (customerId !== undefined) visibleTo(await readCustomer(this.store, ownCustomerId(caller, customerId)), brandId);
    const live = (): void => call.sendMetadata(new Metadata());
    return this.watching.watch({ brandId, customerId, purposeIds, live }).pipe(map(({ state, data }) => toProtoConsentChange(state, data)));
  }
}
