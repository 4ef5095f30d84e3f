import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { customer, customerStream } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, EVENT_STORE } from '@kendt/nest';

export class RequestVerificationCommand extends Command<void> {
  constructor(
    readonly customerId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Unknown, suspended, frozen, erased and verified customers are answered as all others: the way is open to everybody, so it must tell nothing. */
@CommandHandler(RequestVerificationCommand)
export class RequestVerificationHandler implements ICommandHandler<RequestVerificationCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ customerId, context }: RequestVerificationCommand): Promise<void> {
    const at = timestamp(this.clock);
    const request = decision(customer, customerStream(customerId), { type: 'RequestEmailVerification', at, data: {} });
    await handle(this.store, [request], context, at).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    });
  }
}
