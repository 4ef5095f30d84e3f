import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { customer, customerStream, erasure, erasureStream, login, loginStream } from '@kendt/domain';
import {
  type Clock, type CommandContext, deciding, type Decision, decision, deterministicId, type EventStore, handle, type Position, timestamp,
} from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, EVENT_STORE, Followers } from '@kendt/nest';
import { casesName } from './erasure-cases.projection.js';

interface Confirmed {
  readonly position: Position;
}

export class ConfirmErasureCommand extends Command<Confirmed> {
  constructor(
    readonly caseId: string,
    readonly customerId: string,
    /** Who confirms is the customer, whoever carries the link's token here. */
    readonly context: Omit<CommandContext, 'commandId' | 'actor'>,
  ) {
    super();
  }
}

/**
 * From here there is no way back: the case is confirmed, the customer frozen and every session revoked, all or nothing.
 * Confirming again, also at the same time, is the same command.
 */
@CommandHandler(ConfirmErasureCommand)
export class ConfirmErasureHandler implements ICommandHandler<ConfirmErasureCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  async execute({ caseId, customerId, context }: ConfirmErasureCommand): Promise<Confirmed> {
    const at = timestamp(this.clock);
    const decisions = [
      decision(erasure, erasureStream(caseId), { type: 'ConfirmRequester', at, data: {} }),
      freeze(customerId, caseId, at),
      decision(login, loginStream(customerId), { type: 'RevokeSessions', at, data: { reason: 'erasure' } }),
    ];
    const actor = { kind: 'customer' as const, id: customerId };
    const { position } = await handle(this.store, decisions, { ...context, actor, commandId: deterministicId('erasure', caseId, 'confirm') }, at);
    await this.followers.waitFor(casesName, position);
    return { position };
  }
}

/** Only one case of a customer goes on: a second one finds the customer frozen by the first. */
const freeze = (customerId: string, caseId: string, at: string): Decision =>
  deciding(customer, customerStream(customerId), (state) => {
    if ((state.status === 'frozen' || state.status === 'erased') && state.caseId !== caseId)
      throw new Refusal('ERASURE_ALREADY_BEGUN', 'Another request of this customer has been confirmed already');
    return customer.decide({ type: 'FreezeCustomer', at, data: { caseId } }, state);
  });
