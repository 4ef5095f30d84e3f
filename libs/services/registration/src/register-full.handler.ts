import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RegisterFullCustomer } from '@kendt/contracts';
import { consent, consentStream, type Contact, credential, credentialStream, customer, customerStream } from '@kendt/domain';
import { type Clock, type CommandContext, decision, deterministicId, type EventStore, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE } from '@kendt/nest';
import { consentCommands } from './consent-answers.js';
import { channelOf } from './customers.js';
import { EmailClaims } from './email-claims.js';
import { evenly } from './even-answers.js';
import { checkPassword } from './password.rules.js';
import { hashPassword } from './passwords.js';

export class RegisterFullCommand extends Command<void> {
  constructor(
    readonly body: RegisterFullCustomer,
    readonly brandId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

export const contactFrom = ({ email, phone, name }: { email?: string; phone?: string; name?: { given: string; family: string } }): Contact => ({
  ...(email && { email }),
  ...(phone && { phone }),
  ...(name && { name }),
});

/**
 * Customer, login, claim of the address and consents in one append. Known or not, the same is checked and the password is
 * hashed, so that neither the answer nor its time tells who is a customer.
 */
@CommandHandler(RegisterFullCommand)
export class RegisterFullHandler implements ICommandHandler<RegisterFullCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EmailClaims) private readonly claims: EmailClaims,
  ) {}

  execute(asked: RegisterFullCommand): Promise<void> {
    return evenly(() => this.#register(asked));
  }

  async #register({ body, brandId, context }: RegisterFullCommand): Promise<void> {
    checkPassword(body.password, body.email);
    const at = timestamp(this.clock);
    const answers = await consentCommands(this.store, body.consents, { brandId, channel: channelOf(context), at });
    const passwordHash = await hashPassword(body.password);
    const customerId = deterministicId(context.commandId, 'customer');
    const emailClaim = this.claims.of(body.email);
    const registration = { kind: 'full', brandId, language: body.language, contact: contactFrom(body), emailClaim } as const;
    const decisions = [
      decision(customer, customerStream(customerId), { type: 'RegisterCustomer', at, data: registration }),
      decision(credential, credentialStream(customerId), { type: 'SetPassword', at, data: { passwordHash } }),
      decision(consent, consentStream(customerId), ...answers),
    ];
    await this.claims.claimOrTell({ emailClaim, customerId, brandId, decisions, context, at });
  }
}
