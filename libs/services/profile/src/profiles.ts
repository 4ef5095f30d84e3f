import { Inject, Injectable } from '@nestjs/common';
import type { CustomerProfile } from '@kendt/contracts';
import { type ConsentEvent, consentStream, customer, customerStream, visibleTo } from '@kendt/domain';
import { type EventStore, readAll, stateOf } from '@kendt/eventsourcing';
import { EVENT_STORE, Followers, Problem } from '@kendt/nest';
import { consentsTowards, profileOf } from './customer-profile.js';
import type { CustomerDocument } from './customer.document.js';
import { customersName, CustomersView } from './customers.projection.js';

/** Customers as they are now: the stream says who may see them, and how far the view must have come to be asked. */
@Injectable()
export class Profiles {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(CustomersView) private readonly customers: CustomersView,
  ) {}

  /** @throws Refusal CUSTOMER_NOT_FOUND unless this brand, or the group, may see the customer */
  async document(customerId: string, brandId: string | undefined): Promise<CustomerDocument> {
    const history = await readAll(this.store, customerStream(customerId));
    visibleTo(stateOf(customer, history), brandId);
    await this.followers.caughtUpWith(customersName, history.at(-1)?.position);
    const document = await this.customers.get(customerId);
    if (!document) throw new Problem(425, 'VIEW_BEHIND', 'The customer has not arrived here yet; ask again', { headers: { 'retry-after': '1' } });
    return document;
  }

  async profile(document: CustomerDocument, brandId: string): Promise<CustomerProfile> {
    const events = (await readAll(this.store, consentStream(document.customerId))) as unknown as readonly ConsentEvent[];
    return profileOf(document, brandId, consentsTowards(brandId, events));
  }
}
