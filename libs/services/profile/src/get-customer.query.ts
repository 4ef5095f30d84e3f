import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { CustomerProfile } from '@kendt/contracts';
import { Refusal } from '@kendt/kernel';
import type { Caller } from '@kendt/nest';
import { Profiles } from './profiles.js';

export class GetCustomerQuery extends Query<CustomerProfile> {
  constructor(
    readonly customerId: string,
    readonly caller: Caller,
  ) {
    super();
  }
}

@QueryHandler(GetCustomerQuery)
export class GetCustomerHandler implements IQueryHandler<GetCustomerQuery> {
  constructor(@Inject(Profiles) private readonly profiles: Profiles) {}

  async execute({ customerId, caller }: GetCustomerQuery): Promise<CustomerProfile> {
    const bound = caller.kind === 'client' ? ownBrand(caller) : undefined;
    const document = await this.profiles.document(customerId, bound);
    const brandId = bound ?? lookingThrough(document.brands, caller.brand);
    return this.profiles.profile(document, brandId);
  }
}

/** There is no view of a customer that is nobody's: every client that reads one acts for a brand. */
export const ownBrand = ({ brand }: Caller): string => {
  if (!brand) throw new Refusal('BRAND_MISSING', 'This needs a client that acts for a brand', 'forbidden');
  return brand;
};

/** A customer sees themselves as the shop does where they are signed in, otherwise as their first brand does. */
const lookingThrough = (brands: readonly string[], wished: string | undefined): string => {
  const brandId = brands.find((brand) => brand === wished) ?? brands[0];
  if (!brandId) throw new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
  return brandId;
};
