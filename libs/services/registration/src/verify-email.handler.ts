import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { customer, customerStream } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, EVENT_STORE, LinkTokens } from '@kendt/nest';
import { readCustomer } from './customers.js';

export const verifyEmailLink = 'verify-email';

export interface FollowedLink {
  /** Where they are a customer, for the look of the page. */
  readonly brandId: string | undefined;
  /** Nothing is confirmed yet: whoever has the mailbox must choose a password first. */
  readonly needsPassword: boolean;
}

export class VerifyEmailCommand extends Command<FollowedLink> {
  constructor(
    readonly token: string,
    readonly context: Omit<CommandContext, 'actor'>,
  ) {
    super();
  }
}

/** The link proves who follows it: it was sent to the address. */
@CommandHandler(VerifyEmailCommand)
export class VerifyEmailHandler implements ICommandHandler<VerifyEmailCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LinkTokens) private readonly links: LinkTokens,
  ) {}

  async execute({ token, context }: VerifyEmailCommand): Promise<FollowedLink> {
    const { customerId, emailClaim = '' } = await this.links.verify(verifyEmailLink, token, this.clock());
    const at = timestamp(this.clock);
    const verify = decision(customer, customerStream(customerId), { type: 'VerifyEmail', at, data: { emailClaim } });
    const needsPassword = await handle(this.store, [verify], { ...context, actor: { kind: 'customer', id: customerId }, channel: 'mail' }, at).then(() => false, isContest);
    const state = await readCustomer(this.store, customerId);
    return { brandId: state.status === 'active' ? state.brands[0] : undefined, needsPassword };
  }
}

const isContest = (error: unknown): true => {
  if (error instanceof Refusal && error.code === 'VERIFICATION_NEEDS_PASSWORD') return true;
  throw error;
};
