import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { CustomerEvent } from '@kendt/domain';
import { keyOf, type Lookup, project, type StoredEvent, type View, type Views } from '@kendt/eventsourcing';
import { Followers, LOOKUP, VIEWS } from '@kendt/nest';
import { type CustomerDocument, withEvent } from './customer.document.js';

export const customersName = 'customers@1';

/** The system whose references are loyalty numbers. */
const loyaltySystem = 'loyalty';

/**
 * Indexes begin with the brand: looking for another brand's customer finds as little, in the same time, as looking for
 * nobody.
 */
export const brandKey = (brandId: string, hash: string): string => `${brandId}:${hash}`;
const perBrand = (hash: (document: CustomerDocument) => string | undefined) => (document: CustomerDocument) => {
  const found = hash(document);
  return found === undefined ? undefined : document.brands.map((brandId) => brandKey(brandId, found));
};

export const customerIndexes = {
  email: perBrand(({ emailHash }) => emailHash),
  phone: perBrand(({ phoneHash }) => phoneHash),
  loyalty: perBrand(({ references }) => references[loyaltySystem]),
};
export type CustomerIndex = keyof typeof customerIndexes;

@Injectable()
export class CustomersView implements OnModuleInit {
  #view!: View<CustomerDocument>;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(LOOKUP) private readonly lookup: Lookup,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#view = await this.views.open({ name: customersName, indexes: customerIndexes });
    this.followers.add({ name: customersName, categories: ['customer'], handle: (event) => this.#handle(event) });
  }

  async get(customerId: string): Promise<CustomerDocument | undefined> {
    return (await this.#view.get(customerId))?.value;
  }

  /** A guest's details are not unique, so there may be several. */
  async find(index: CustomerIndex, key: string): Promise<CustomerDocument[]> {
    return (await this.#view.find(index, key, { limit: 20 })).documents.map(({ value }) => value);
  }

  #handle(event: StoredEvent): Promise<void> {
    const customerId = keyOf(event.stream);
    return project(this.#view, customerId, event, (before) => withEvent(customerId, event as unknown as CustomerEvent, this.lookup, before));
  }
}
