import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { access, accessStream } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, type Position, randomId, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE } from '@kendt/nest';
import type { Viewing } from './viewing.js';

export class RecordViewingCommand extends Command<Position> {
  constructor(
    readonly customerId: string,
    readonly viewing: Viewing,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RecordViewingCommand)
export class RecordViewingHandler implements ICommandHandler<RecordViewingCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ customerId, viewing, context }: RecordViewingCommand): Promise<Position> {
    const at = timestamp(this.clock);
    const record = decision(access, accessStream(customerId), { type: 'RecordViewing', at, data: viewing });
    // Every look is one more event: an Idempotency-Key that comes twice must not make the second one unseen.
    return (await handle(this.store, [record], { ...context, commandId: randomId() }, at)).position;
  }
}
