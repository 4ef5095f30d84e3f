import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { ConsentStates } from '@kendt/contracts';
import { consentStream, visibleTo } from '@kendt/domain';
import { type EventStore, readAll } from '@kendt/eventsourcing';
import { Directory, EVENT_STORE } from '@kendt/nest';
import { brandsOf, statesOf } from './consent.states.js';
import { readCustomer } from './consent.streams.js';
import { recordedBy, standingsOf } from './standing.js';

/** @param brandId absent: every brand of the customer */
export class GetConsentsQuery extends Query<ConsentStates> {
  constructor(
    readonly customerId: string,
    readonly brandId: string | undefined,
    readonly at?: string,
  ) {
    super();
  }
}

/** From the streams: what may be done with somebody's data is never read from a view that may be behind. */
@QueryHandler(GetConsentsQuery)
export class GetConsentsHandler implements IQueryHandler<GetConsentsQuery> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Directory) private readonly directory: Directory,
  ) {}

  async execute({ customerId, brandId, at }: GetConsentsQuery): Promise<ConsentStates> {
    const { brands } = visibleTo(await readCustomer(this.store, customerId), brandId);
    const standings = standingsOf(recordedBy(await readAll(this.store, consentStream(customerId)), at));
    const asked = brandId === undefined ? brandsOf(brands, standings) : [brandId];
    const consents = asked.flatMap((brand) => statesOf(brand, this.directory.purposes(), standings, at));
    return ConsentStates.parse({ customerId, brandId, at, consents });
  }
}
