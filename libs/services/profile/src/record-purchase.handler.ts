import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RecordPurchase } from '@kendt/contracts';
import { customer, customerStream, purchases, purchasesStream, unfrozenFor } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, type Position, provided, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE } from '@kendt/nest';

export class RecordPurchaseCommand extends Command<Position> {
  constructor(
    readonly purchase: RecordPurchase,
    readonly brandId: string,
    /** The system or client that reports it. */
    readonly source: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RecordPurchaseCommand)
export class RecordPurchaseHandler implements ICommandHandler<RecordPurchaseCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ purchase: reported, brandId, source, context }: RecordPurchaseCommand): Promise<Position> {
    const { customerId, purchaseId, channel, ...purchase } = reported;
    const at = timestamp(this.clock);
    const data = { purchaseId, brandId, source, channel, purchase };
    const decisions = [
      provided(customer, customerStream(customerId), (state) => unfrozenFor(state, brandId)), // a suspension does not undo what was bought
      decision(purchases, purchasesStream(customerId), { type: 'RecordPurchase', at, data }),
    ];
    return (await handle(this.store, decisions, context, at)).position;
  }
}
