import { Controller, Get, Inject } from '@nestjs/common';
import { Holdings } from '@kendt/contracts';
import type { EventStore } from '@kendt/eventsourcing';
import { After, ApiOkResponse, type Caller, CurrentCaller, CustomerIdParam, EVENT_STORE, Followers, Scopes } from '@kendt/nest';
import { customerNotFound, lastKnown } from './customers.js';
import { holdingsName, HoldingsView } from './holdings.projection.js';

@Controller('v1/customers')
export class HoldingsController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(HoldingsView) private readonly view: HoldingsView,
  ) {}

  /** Also once erased: what a law keeps is still held, and ids are all that is said of it. */
  @Get(':id/holdings')
  @Scopes('erasure:manage')
  @ApiOkResponse({ standardSchema: Holdings })
  async holdings(@CustomerIdParam() customerId: string, @CurrentCaller() { brand }: Caller, @After() after: string | undefined): Promise<Holdings> {
    await this.followers.caughtUpWith(holdingsName, after);
    const customer = await lastKnown(this.store, customerId);
    if (!customer || (brand && !customer.brands.includes(brand))) throw customerNotFound();
    return this.view.of(customerId);
  }
}
