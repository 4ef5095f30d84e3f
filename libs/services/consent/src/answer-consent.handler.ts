import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { AnswerConsent, ConsentReceipt } from '@kendt/contracts';
import { activeFor, consent, consentKey, consentStream, customer, type Customer, customerStream, unfrozenFor } from '@kendt/domain';
import {
  type Clock, type CommandContext, decision, type EventStore, handle, type Handled, type Position, provided, readAll, readState, timestamp,
} from '@kendt/eventsourcing';
import { type Caller, CLOCK, Directory, EVENT_STORE } from '@kendt/nest';
import { brandOf, consentCommand } from './consent.command.js';
import { receiptOf } from './consent.receipt.js';
import { readPurpose } from './consent.streams.js';
import { recordedWith, type Standing, standings, standingsOf } from './standing.js';

export interface Answered {
  readonly position: Position;
  /** Absent where nothing was ever given, so that there was nothing to withdraw. */
  readonly receipt?: ConsentReceipt;
  readonly standing?: Standing;
}

export class AnswerConsentCommand extends Command<Answered> {
  constructor(
    readonly customerId: string,
    readonly purposeId: string,
    readonly answer: AnswerConsent,
    readonly caller: Caller,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(AnswerConsentCommand)
export class AnswerConsentHandler implements ICommandHandler<AnswerConsentCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Directory) private readonly directory: Directory,
  ) {}

  async execute(asked: AnswerConsentCommand): Promise<Answered> {
    const { customerId, purposeId, answer, caller, context } = asked;
    const at = timestamp(this.clock);
    const brandId = brandOf(caller, answer.brandId);
    const command = consentCommand({ purposeId, brandId, channel: this.#channel(asked), at }, answer, await readPurpose(this.store, purposeId));
    const decisions = [provided(customer, customerStream(customerId), mayAnswer(asked, brandId)), decision(consent, consentStream(customerId), command)];
    const { position, events } = await handle(this.store, decisions, context, at);
    return { position, ...this.#receipt(asked, brandId, await this.#standing(asked, brandId, events)) };
  }

  /** Where the customer was met: what the caller says, then what its client was registered for. */
  #channel({ caller, context }: AnswerConsentCommand): string {
    return context.channel ?? this.directory.client(caller.clientId)?.channel ?? (caller.kind === 'customer' ? 'account' : 'web');
  }

  /** As it stood right after the command: others may have followed. */
  async #standing({ customerId, purposeId, context }: AnswerConsentCommand, brandId: string, written: Handled['events']): Promise<Standing | undefined> {
    const key = consentKey(brandId, purposeId);
    const now = (await readState(this.store, standings, consentStream(customerId))).get(key);
    if (written.length === 0 || written.some(({ id }) => id === now?.eventId)) return now;
    return standingsOf(recordedWith(await readAll(this.store, consentStream(customerId)), context.commandId)).get(key);
  }

  #receipt({ customerId, purposeId }: AnswerConsentCommand, brandId: string, standing: Standing | undefined): Omit<Answered, 'position'> {
    if (!standing) return {};
    const title = this.directory.purpose(purposeId)?.definition.title ?? {};
    return { standing, receipt: receiptOf({ customerId, standing, title, brand: this.directory.brand(brandId) }) };
  }
}

/** A customer may take back what a brand was given even after leaving that brand; whoever is suspended may say no, and no yes. */
const mayAnswer =
  ({ caller, answer: { answer } }: AnswerConsentCommand, brandId: string) =>
  (state: Customer): unknown =>
    answer === 'granted' ? activeFor(state, brandId) : unfrozenFor(state, caller.kind === 'customer' && answer === 'withdrawn' ? undefined : brandId);
