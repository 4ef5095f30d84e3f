import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { activeFor, claim, claimStream, customer, customerStream, normaliseNumber, system, systemStream } from '@kendt/domain';
import {
  type Clock, type CommandContext, deciding, type Decision, decision, type EventStore, handle, type Lookup, type Position, readState, timestamp,
} from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, EVENT_STORE, LOOKUP } from '@kendt/nest';
import { readCustomer } from './customers.js';

export class RecordReferenceCommand extends Command<Position> {
  constructor(
    readonly customerId: string,
    readonly systemId: string,
    readonly reference: string,
    readonly brandId: string | undefined,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** The system of loyalty numbers: the till finds customers by them. */
export const loyaltySystem = 'loyalty';

/** The keyed hash of a reference. A loyalty number is the same in every spelling; another system's id is taken as it is. */
export const referenceClaim = (lookup: Lookup, systemId: string, reference: string): string =>
  systemId === loyaltySystem ? lookup('loyalty', normaliseNumber(reference)) : lookup('external', `${systemId}\u0000${reference}`);

/** Two customers never have the same reference: it is claimed, and one that is replaced is given back. */
@CommandHandler(RecordReferenceCommand)
export class RecordReferenceHandler implements ICommandHandler<RecordReferenceCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOOKUP) private readonly lookup: Lookup,
  ) {}

  async execute(asked: RecordReferenceCommand): Promise<Position> {
    const { customerId, systemId, reference, brandId, context } = asked;
    const before = activeFor(await readCustomer(this.store, customerId), brandId);
    await this.#refuseUnknownSystem(systemId);
    const at = timestamp(this.clock);
    const hash = referenceClaim(this.lookup, systemId, reference);
    const old = before.references[systemId];
    const decisions = [
      recorded(asked, hash, old, at),
      decision(claim, claimStream(hash), { type: 'ClaimIdentifier', at, data: { customerId } }),
      ...(old && old !== hash ? [decision(claim, claimStream(old), { type: 'ReleaseIdentifier', at, data: { customerId } })] : []),
    ];
    return (await handle(this.store, decisions, context, at)).position;
  }

  async #refuseUnknownSystem(systemId: string): Promise<void> {
    if (systemId === loyaltySystem) return;
    const { status } = await readState(this.store, system, systemStream(systemId));
    if (status !== 'registered') throw new Refusal('SYSTEM_NOT_FOUND', 'No such system', 'not-found');
  }
}

const recorded = ({ customerId, systemId, reference, brandId }: RecordReferenceCommand, hash: string, old: string | undefined, at: string): Decision =>
  deciding(customer, customerStream(customerId), (known) => {
    const state = activeFor(known, brandId);
    if (state.references[systemId] !== old) throw new Refusal('CONCURRENT_CHANGE', 'Somebody else is changing the same thing; try again');
    return customer.decide({ type: 'RecordExternalReference', at, data: { systemId, claim: hash, reference } }, state);
  });
