import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { AnsweredPurpose } from '@kendt/contracts';
import { activeFor, brand, brandStream, consent, consentStream, customer, customerStream } from '@kendt/domain';
import {
  type Clock, type CommandContext, deciding, type Decision, decision, type EventStore, handle, type Position, readState, timestamp,
} from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { type Caller, CLOCK, EVENT_STORE } from '@kendt/nest';
import { consentCommands } from './consent-answers.js';
import { channelOf, visibleBrand } from './customers.js';

export class JoinBrandCommand extends Command<Position> {
  constructor(
    readonly customerId: string,
    readonly brandId: string,
    readonly consents: readonly AnsweredPurpose[],
    readonly caller: Caller,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** A brand's client speaks for that brand alone; a customer for themselves, with every brand. */
export const refuseOtherBrand = (caller: Caller, brandId: string): void => {
  const bound = visibleBrand(caller);
  if (bound && bound !== brandId) throw new Refusal('BRAND_NOT_YOURS', 'This client acts for another brand', 'forbidden');
};

@CommandHandler(JoinBrandCommand)
export class JoinBrandHandler implements ICommandHandler<JoinBrandCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ customerId, brandId, consents, caller, context }: JoinBrandCommand): Promise<Position> {
    refuseOtherBrand(caller, brandId);
    await this.#refuseUnknownBrand(brandId);
    const at = timestamp(this.clock);
    const answers = await consentCommands(this.store, consents, { brandId, channel: channelOf(context), at });
    const decisions = [joined(customerId, brandId, visibleBrand(caller), at), decision(consent, consentStream(customerId), ...answers)];
    return (await handle(this.store, decisions, context, at)).position;
  }

  async #refuseUnknownBrand(brandId: string): Promise<void> {
    const { status } = await readState(this.store, brand, brandStream(brandId));
    if (status !== 'open') throw new Refusal('BRAND_NOT_FOUND', 'No such brand', 'not-found');
  }
}

const joined = (customerId: string, brandId: string, seenBy: string | undefined, at: string): Decision =>
  deciding(customer, customerStream(customerId), (state) => customer.decide({ type: 'JoinBrand', at, data: { brandId } }, activeFor(state, seenBy)));
