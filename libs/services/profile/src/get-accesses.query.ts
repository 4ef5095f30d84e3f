import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { Accesses, type AccessesQuery } from '@kendt/contracts';
import { visibleTo } from '@kendt/domain';
import type { EventStore, Position } from '@kendt/eventsourcing';
import { EVENT_STORE, Followers } from '@kendt/nest';
import { accessesName, AccessesView } from './accesses.projection.js';
import type { Paged } from './next-link.js';
import { readCustomer } from './profile.streams.js';

/** @param brandId whose looks are told; absent: everybody's, for the customer */
export class GetAccessesQuery extends Query<Paged<Accesses>> {
  constructor(
    readonly customerId: string,
    readonly brandId: string | undefined,
    readonly wish: AccessesQuery,
    readonly after: Position | undefined,
  ) {
    super();
  }
}

@QueryHandler(GetAccessesQuery)
export class GetAccessesHandler implements IQueryHandler<GetAccessesQuery> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(AccessesView) private readonly view: AccessesView,
  ) {}

  async execute({ customerId, brandId, wish: { limit, cursor }, after }: GetAccessesQuery): Promise<Paged<Accesses>> {
    visibleTo(await readCustomer(this.store, customerId), brandId);
    await this.followers.caughtUpWith(accessesName, after);
    const { documents, next } = await this.view.page(customerId, brandId, { limit, ...(cursor && { cursor }) });
    return { body: Accesses.parse({ customerId, accesses: documents.map(({ value }) => value) }), next };
  }
}
