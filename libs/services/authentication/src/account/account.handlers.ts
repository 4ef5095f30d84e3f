import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  consent, type ConsentCommand, consentStream, currentNotice, customer, customerStream, erasure, erasureStream, login, loginStream, purpose, type Purpose, purposeStream,
} from '@kendt/domain';
import {
  type Clock, type CommandContext, decision, deterministicId, type EventStore, handle, randomId, readState, timestamp,
} from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, currentTrace, EVENT_STORE, traceparent } from '@kendt/nest';
import { endSessionsBefore } from '../oidc/end-sessions.js';
import { OidcStore } from '../oidc/oidc.store.js';
import { AnswerOnAccount, AskForErasure, SignOutEverywhere } from './account.commands.js';

const channel = 'account';

const byCustomer = (customerId: string, commandId: string, brand?: string): CommandContext => {
  const trace = currentTrace();
  return { commandId, actor: { kind: 'customer', id: customerId }, channel, ...(brand && { brand }), ...(trace && { traceparent: traceparent(trace) }) };
};

@CommandHandler(AnswerOnAccount)
export class AnswerOnAccountHandler implements ICommandHandler<AnswerOnAccount> {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Refusal PURPOSE_NOT_FOUND for what this brand does not ask, CONSENT_NOTICE_OUTDATED. */
  async execute(command: AnswerOnAccount): Promise<void> {
    const { customerId, brandId } = command;
    const at = timestamp(this.clock);
    await this.#mustKnow(customerId, brandId);
    const answer = command.answer === 'granted' ? await this.#grant(command, at) : this.#withdraw(command, at);
    await handle(this.events, [decision(consent, consentStream(customerId), answer)], byCustomer(customerId, randomId(), brandId), at);
  }

  async #grant({ brandId, purposeId, noticeVersion, language }: AnswerOnAccount, at: string): Promise<ConsentCommand> {
    const asked = await readState(this.events, purpose, purposeStream(purposeId));
    if (!isAskedBy(asked, brandId)) throw new Refusal('PURPOSE_NOT_FOUND', 'This brand does not ask for that', 'not-found');
    return { type: 'GrantConsent', at, data: { brandId, purposeId, noticeVersion, language, channel, currentNotice: currentNotice(asked) } };
  }

  /** GDPR 7(3): also for a purpose that is no longer offered. */
  #withdraw({ brandId, purposeId }: AnswerOnAccount, at: string): ConsentCommand {
    return { type: 'WithdrawConsent', at, data: { brandId, purposeId, channel } };
  }

  async #mustKnow(customerId: string, brandId: string): Promise<void> {
    const state = await readState(this.events, customer, customerStream(customerId));
    if (state.status !== 'active' || !state.brands.includes(brandId)) throw new Refusal('BRAND_NOT_FOUND', 'This brand does not know you', 'not-found');
  }
}

const isAskedBy = (asked: Purpose, brandId: string): boolean =>
  asked.status === 'offered' && asked.definition.basis === 'consent' && asked.definition.brands.includes(brandId);

@CommandHandler(SignOutEverywhere)
export class SignOutEverywhereHandler implements ICommandHandler<SignOutEverywhere> {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(OidcStore) private readonly store: OidcStore,
  ) {}

  async execute({ customerId }: SignOutEverywhere): Promise<void> {
    const at = timestamp(this.clock);
    const revoke = decision(login, loginStream(customerId), { type: 'RevokeSessions', at, data: { reason: 'customer' } });
    await handle(this.events, [revoke], byCustomer(customerId, randomId()), at);
    await endSessionsBefore(this.store, customerId, at);
  }
}

@CommandHandler(AskForErasure)
export class AskForErasureHandler implements ICommandHandler<AskForErasure> {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Gives the case's id. It is a capability, so it comes from the form's random number, and nobody else can guess it. */
  async execute({ customerId, nonce }: AskForErasure): Promise<string> {
    const at = timestamp(this.clock);
    const caseId = deterministicId('erasure-case', customerId, nonce);
    const ask = decision(erasure, erasureStream(caseId), { type: 'RequestErasure', at, data: { customerId, channel, dueAt: aMonthAfter(this.clock()) } });
    await handle(this.events, [ask], byCustomer(customerId, deterministicId('ask-for-erasure', caseId)), at);
    return caseId;
  }
}

/** GDPR 12(3): within one month of receipt. The 31st of January gives the last day of February. */
export const aMonthAfter = (now: Date): string => {
  const due = new Date(now);
  due.setUTCMonth(due.getUTCMonth() + 1);
  if (due.getUTCDate() !== now.getUTCDate()) due.setUTCDate(0);
  return due.toISOString();
};
