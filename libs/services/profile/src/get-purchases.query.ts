import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { PurchaseHistory, type PurchaseHistoryQuery } from '@kendt/contracts';
import { isGranted, unfrozenFor } from '@kendt/domain';
import type { EventStore, Position } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { Directory, EVENT_STORE, Followers } from '@kendt/nest';
import type { Paged } from './next-link.js';
import { readConsents, readCustomer } from './profile.streams.js';
import { purchasesName, PurchasesView } from './purchases.projection.js';

export class GetPurchasesQuery extends Query<Paged<PurchaseHistory>> {
  constructor(
    readonly customerId: string,
    readonly brandId: string,
    readonly wish: PurchaseHistoryQuery,
    readonly after: Position | undefined,
  ) {
    super();
  }
}

@QueryHandler(GetPurchasesQuery)
export class GetPurchasesHandler implements IQueryHandler<GetPurchasesQuery> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(Directory) private readonly directory: Directory,
    @Inject(PurchasesView) private readonly view: PurchasesView,
  ) {}

  async execute({ customerId, brandId, wish, after }: GetPurchasesQuery): Promise<Paged<PurchaseHistory>> {
    const { purpose: purposeId, limit, cursor } = wish;
    unfrozenFor(await readCustomer(this.store, customerId), brandId);
    await this.followers.caughtUpWith(purchasesName, after);
    const { documents, next } = await this.view.page(customerId, brandId, { limit, ...(cursor && { cursor }) });
    await this.#refuseWithoutConsent(customerId, brandId, purposeId);
    return { body: PurchaseHistory.parse({ customerId, purposeId, purchases: documents.map(({ value }) => value) }), next };
  }

  /** From the stream, and last of all: a withdrawal that was made before the answer holds for it. */
  async #refuseWithoutConsent(customerId: string, brandId: string, purposeId: string): Promise<void> {
    const asked = this.directory.purposes(brandId).some(({ id, definition }) => id === purposeId && definition.basis === 'consent');
    if (asked && isGranted(await readConsents(this.store, customerId), brandId, purposeId)) return;
    throw new Refusal('CONSENT_MISSING', 'The customer has not consented to this purpose', 'forbidden');
  }
}
