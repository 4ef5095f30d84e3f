import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { CustomerEvent } from '@kendt/domain';
import { byKey, keyOf, type Lookup, type Projection, type ReadView } from '@kendt/eventsourcing';
import { Followers, LOOKUP } from '@kendt/nest';
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

export const customersProjection = (lookup: Lookup): Projection<CustomerDocument> => ({
  name: customersName,
  indexes: customerIndexes,
  personal: { group: 'contact', customerOf: (id) => id },
  categories: ['customer'],
  document: byKey,
  next: (before, event) => withEvent(keyOf(event.stream), event as unknown as CustomerEvent, lookup, before),
});

@Injectable()
export class CustomersView implements OnModuleInit {
  #view!: ReadView<CustomerDocument>;

  constructor(
    @Inject(LOOKUP) private readonly lookup: Lookup,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  onModuleInit(): void {
    this.#view = this.followers.project(customersProjection(this.lookup));
  }

  async get(customerId: string): Promise<CustomerDocument | undefined> {
    return (await this.#view.get(customerId))?.value;
  }

  /** A guest's details are not unique, so there may be several. */
  async find(index: CustomerIndex, key: string): Promise<CustomerDocument[]> {
    return (await this.#view.find(index, key, { limit: 20 })).documents.map(({ value }) => value);
  }
}
