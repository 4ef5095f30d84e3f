import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RegisterGuest } from '@kendt/contracts';
import { customer, customerStream } from '@kendt/domain';
import { type Clock, type CommandContext, decision, deterministicId, type EventStore, handle, type Position, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE } from '@kendt/nest';
import { contactFrom } from './register-full.handler.js';

export interface RegisteredGuest {
  readonly customerId: string;
  readonly position: Position;
}

export class RegisterGuestCommand extends Command<RegisteredGuest> {
  constructor(
    readonly body: RegisterGuest,
    readonly brandId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** A guest's address is not claimed, so nothing is revealed, and nobody is kept from registering with it later. */
@CommandHandler(RegisterGuestCommand)
export class RegisterGuestHandler implements ICommandHandler<RegisterGuestCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ body, brandId, context }: RegisterGuestCommand): Promise<RegisteredGuest> {
    const at = timestamp(this.clock);
    const customerId = deterministicId(context.commandId, 'customer');
    const data = { kind: 'guest', brandId, language: body.language, contact: contactFrom(body) } as const;
    const { position } = await handle(this.store, [decision(customer, customerStream(customerId), { type: 'RegisterCustomer', at, data })], context, at);
    return { customerId, position };
  }
}
