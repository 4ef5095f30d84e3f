import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { customer, customerStream, visibleTo } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, type Position, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE } from '@kendt/nest';
import { readCustomer } from './customers.js';

export class ReinstateCustomerCommand extends Command<Position> {
  constructor(
    readonly customerId: string,
    /** Whose customer it must be; `undefined`: any of the group's. */
    readonly brandId: string | undefined,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ReinstateCustomerCommand)
export class ReinstateCustomerHandler implements ICommandHandler<ReinstateCustomerCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ customerId, brandId, context }: ReinstateCustomerCommand): Promise<Position> {
    visibleTo(await readCustomer(this.store, customerId), brandId);
    const at = timestamp(this.clock);
    const reinstate = decision(customer, customerStream(customerId), { type: 'ReinstateCustomer', at, data: {} });
    return (await handle(this.store, [reinstate], context, at)).position;
  }
}
