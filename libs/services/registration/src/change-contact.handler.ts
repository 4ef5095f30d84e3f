import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ChangeContact } from '@kendt/contracts';
import { activeFor, claim, claimStream, type Contact, customer, customerStream, type LivingCustomer, same } from '@kendt/domain';
import { type Clock, type CommandContext, deciding, type Decision, decision, type EventStore, handle, type Position, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, EVENT_STORE } from '@kendt/nest';
import { knownCustomer, readKnown } from './customers.js';
import { EmailClaims } from './email-claims.js';

export class ChangeContactCommand extends Command<Position> {
  constructor(
    readonly customerId: string,
    readonly change: ChangeContact,
    /** Whose customer it must be; absent: the customer's own doing. */
    readonly brandId: string | undefined,
    readonly context: CommandContext,
  ) {
    super();
  }
}

interface Moving {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Another address is claimed and the old one given back in the same append. */
@CommandHandler(ChangeContactCommand)
export class ChangeContactHandler implements ICommandHandler<ChangeContactCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EmailClaims) private readonly claims: EmailClaims,
  ) {}

  async execute(asked: ChangeContactCommand): Promise<Position> {
    const at = timestamp(this.clock);
    const before = activeFor((await readKnown(this.store, asked.customerId)).customer, asked.brandId);
    const moving = { from: before.emailClaim, to: this.#emailClaim(before, asked.change) };
    const { position } = await handle(this.store, [changed(asked, moving, at), ...moved(asked.customerId, moving, at)], asked.context, at);
    return position;
  }

  /** Only a login is tied to an address; a guest's is a detail like any other. */
  #emailClaim({ kind, emailClaim }: LivingCustomer, { email }: ChangeContact): string | undefined {
    return kind === 'full' && email !== undefined ? this.claims.of(email) : emailClaim;
  }
}

/** Decided on the details that stand in the stream at the moment of the append, so that two changes at once both hold. */
const changed = ({ customerId, change, brandId }: ChangeContactCommand, moving: Moving, at: string): Decision =>
  deciding(knownCustomer, customerStream(customerId), (known) => {
    const state = activeFor(known.customer, brandId);
    if (state.emailClaim !== moving.from) throw new Refusal('CONCURRENT_CHANGE', 'Somebody else is changing the same thing; try again');
    const [contact, language] = [merged(known.contact, change), change.language ?? state.language];
    if (same(contact, known.contact) && language === state.language) return [];
    const emailClaim = moving.to && { emailClaim: moving.to };
    return customer.decide({ type: 'ChangeContact', at, data: { contact, language, ...emailClaim } }, state);
  });

const moved = (customerId: string, { from, to }: Moving, at: string): Decision[] => {
  if (from === to) return [];
  const taken = to === undefined ? [] : [decision(claim, claimStream(to), { type: 'ClaimIdentifier', at, data: { customerId } })];
  const released = from === undefined ? [] : [decision(claim, claimStream(from), { type: 'ReleaseIdentifier', at, data: { customerId } })];
  return [...taken, ...released];
};

/** What is not said stays; a phone of `null` is removed. */
export const merged = (before: Contact, { email = before.email, name = before.name, phone = before.phone }: ChangeContact): Contact => ({
  ...(email && { email }),
  ...(name && { name }),
  ...(phone && { phone }),
});
