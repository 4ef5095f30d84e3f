import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { CustomerProfile, FindCustomer } from '@kendt/contracts';
import { normaliseEmail, normaliseNumber, normalisePhone } from '@kendt/domain';
import type { Lookup, Position } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { Followers, LOOKUP } from '@kendt/nest';
import { theOne } from './customer-profile.js';
import type { CustomerDocument } from './customer.document.js';
import { brandKey, type CustomerIndex, customerIndexes, customersName, CustomersView } from './customers.projection.js';
import { Profiles } from './profiles.js';
import { purchasesName, PurchasesView } from './purchases.projection.js';

export class FindCustomerQuery extends Query<CustomerProfile> {
  constructor(
    readonly wish: FindCustomer,
    readonly brandId: string,
    readonly after: Position | undefined,
  ) {
    super();
  }
}

@QueryHandler(FindCustomerQuery)
export class FindCustomerHandler implements IQueryHandler<FindCustomerQuery> {
  constructor(
    @Inject(Followers) private readonly followers: Followers,
    @Inject(LOOKUP) private readonly lookup: Lookup,
    @Inject(CustomersView) private readonly customers: CustomersView,
    @Inject(PurchasesView) private readonly purchases: PurchasesView,
    @Inject(Profiles) private readonly profiles: Profiles,
  ) {}

  async execute({ wish, brandId, after }: FindCustomerQuery): Promise<CustomerProfile> {
    const found = wish.orderNumber === undefined ? await this.#byIdentifier(wish, brandId, after) : await this.#byOrder(wish.orderNumber, brandId, after);
    return this.profiles.profile(theOne(found), brandId);
  }

  async #byIdentifier(wish: FindCustomer, brandId: string, after: Position | undefined): Promise<CustomerDocument[]> {
    await this.followers.caughtUpWith(customersName, after);
    const [index, hash] = this.#identifier(wish);
    const key = brandKey(brandId, hash);
    const found = await this.#now((await this.customers.find(index, key)).map(({ customerId }) => customerId), brandId);
    return found.filter((document) => customerIndexes[index](document)?.includes(key)); // it may have changed since
  }

  async #byOrder(orderNumber: string, brandId: string, after: Position | undefined): Promise<CustomerDocument[]> {
    await this.followers.caughtUpWith(purchasesName, after);
    return this.#now(await this.purchases.buyers(brandKey(brandId, this.lookup('order', normaliseNumber(orderNumber)))), brandId);
  }

  #identifier({ email, phone, loyaltyNumber }: FindCustomer): [CustomerIndex, string] {
    if (email !== undefined) return ['email', this.lookup('email', normaliseEmail(email))];
    if (phone !== undefined) return ['phone', this.lookup('phone', normalisePhone(phone))];
    return ['loyalty', this.lookup('loyalty', normaliseNumber(loyaltyNumber ?? ''))];
  }

  /** A view may be behind: whoever has left the brand or is gone in the meantime is not given out. */
  async #now(customerIds: readonly string[], brandId: string): Promise<CustomerDocument[]> {
    const documents = await Promise.all(customerIds.map((customerId) => this.profiles.document(customerId, brandId).catch(unlessGone)));
    return documents.filter((document) => document !== undefined);
  }
}

const unlessGone = (error: unknown): undefined => {
  if (!(error instanceof Refusal) || error.kind !== 'not-found') throw error;
};
