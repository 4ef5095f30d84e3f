import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { customer, customerStream, login, loginStream, type SuspensionReason, visibleTo } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, type Position, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE } from '@kendt/nest';
import { readCustomer } from './customers.js';

export class SuspendCustomerCommand extends Command<Position> {
  constructor(
    readonly customerId: string,
    readonly reason: SuspensionReason,
    /** Whose customer it must be; `undefined`: any of the group's. */
    readonly brandId: string | undefined,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** In one append with the sessions that end: whoever was signed in is not signed in again by a reinstatement. */
@CommandHandler(SuspendCustomerCommand)
export class SuspendCustomerHandler implements ICommandHandler<SuspendCustomerCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ customerId, reason, brandId, context }: SuspendCustomerCommand): Promise<Position> {
    const { status } = visibleTo(await readCustomer(this.store, customerId), brandId);
    const at = timestamp(this.clock);
    const suspend = decision(customer, customerStream(customerId), { type: 'SuspendCustomer', at, data: { reason } });
    const revoke = decision(login, loginStream(customerId), { type: 'RevokeSessions', at, data: { reason: 'suspension' } });
    return (await handle(this.store, status === 'suspended' ? [suspend] : [suspend, revoke], context, at)).position;
  }
}
