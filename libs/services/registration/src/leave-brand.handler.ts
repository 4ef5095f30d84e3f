import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { consent, consentKey, consentStream, customer, customerStream, unfrozenFor } from '@kendt/domain';
import { type Clock, type CommandContext, deciding, type Decision, type EventStore, handle, type Position, timestamp } from '@kendt/eventsourcing';
import { type Caller, CLOCK, EVENT_STORE } from '@kendt/nest';
import { channelOf, visibleBrand } from './customers.js';
import { refuseOtherBrand } from './join-brand.handler.js';

export class LeaveBrandCommand extends Command<Position> {
  constructor(
    readonly customerId: string,
    readonly brandId: string,
    readonly caller: Caller,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Whoever leaves a brand takes back what that brand was allowed: nothing stands again by itself after a later return. */
@CommandHandler(LeaveBrandCommand)
export class LeaveBrandHandler implements ICommandHandler<LeaveBrandCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ customerId, brandId, caller, context }: LeaveBrandCommand): Promise<Position> {
    refuseOtherBrand(caller, brandId);
    const at = timestamp(this.clock);
    const withdrawn = withdrawals(customerId, { brandId, channel: channelOf(context) }, at);
    return (await handle(this.store, [left(customerId, brandId, visibleBrand(caller), at), withdrawn], context, at)).position;
  }
}

const left = (customerId: string, brandId: string, seenBy: string | undefined, at: string): Decision =>
  deciding(customer, customerStream(customerId), (state) => customer.decide({ type: 'LeaveBrand', at, data: { brandId } }, unfrozenFor(state, seenBy)));

const withdrawals = (customerId: string, asked: { brandId: string; channel: string }, at: string): Decision =>
  deciding(consent, consentStream(customerId), (state) => {
    const ofBrand = consentKey(asked.brandId, '');
    const purposeIds = Object.keys(state).flatMap((key) => (key.startsWith(ofBrand) ? [key.slice(ofBrand.length)] : []));
    return purposeIds.flatMap((purposeId) => consent.decide({ type: 'WithdrawConsent', at, data: { ...asked, purposeId } }, state));
  });
