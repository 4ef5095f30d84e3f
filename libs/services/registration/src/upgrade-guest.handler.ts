import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { UpgradeGuest } from '@kendt/contracts';
import { activeFor, consent, consentStream, credential, credentialStream, customer, customerStream } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, readAll, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE } from '@kendt/nest';
import { consentCommands } from './consent-answers.js';
import { channelOf, contactOf, customerOf } from './customers.js';
import { EmailClaims } from './email-claims.js';
import { evenly } from './even-answers.js';
import { checkPassword } from './password.rules.js';
import { hashPassword } from './passwords.js';
import { contactFrom } from './register-full.handler.js';

export class UpgradeGuestCommand extends Command<void> {
  constructor(
    readonly customerId: string,
    readonly body: UpgradeGuest,
    readonly brandId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/**
 * A guest becomes a customer with a login and keeps the id. As at registration, a taken address is not revealed; so a second
 * upgrade is answered like the first as well: otherwise it would tell whether the first one got the address.
 */
@CommandHandler(UpgradeGuestCommand)
export class UpgradeGuestHandler implements ICommandHandler<UpgradeGuestCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EmailClaims) private readonly claims: EmailClaims,
  ) {}

  execute(asked: UpgradeGuestCommand): Promise<void> {
    return evenly(() => this.#upgrade(asked));
  }

  async #upgrade(asked: UpgradeGuestCommand): Promise<void> {
    const { customerId, body, brandId, context } = asked;
    checkPassword(body.password, body.email);
    const at = timestamp(this.clock);
    const answers = await consentCommands(this.store, body.consents, { brandId, channel: channelOf(context), at });
    const history = await readAll(this.store, customerStream(customerId));
    const { kind } = activeFor(customerOf(history), brandId);
    const passwordHash = await hashPassword(body.password);
    if (history.some(({ metadata }) => metadata.commandId === context.commandId)) return;
    if (kind === 'full') return void (await this.claims.tell(customerId, { brandId, context, at }));
    const emailClaim = this.claims.of(body.email);
    const decisions = [
      decision(customer, customerStream(customerId), { type: 'UpgradeGuest', at, data: { contact: { ...contactOf(history), ...contactFrom(body) }, emailClaim, language: body.language } }),
      decision(credential, credentialStream(customerId), { type: 'SetPassword', at, data: { passwordHash } }),
      decision(consent, consentStream(customerId), ...answers),
    ];
    await this.claims.claimOrTell({ emailClaim, customerId, brandId, decisions, context, at });
  }
}
