import { Inject, Injectable } from '@nestjs/common';
import type { OpenErasure } from '@kendt/domain';
import type { EventStore, Position } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { type Caller, EVENT_STORE, Followers, ownCustomerId } from '@kendt/nest';
import { lastKnown } from './customers.js';
import { casesName, ErasureCases } from './erasure-cases.projection.js';

export const erasureNotFound = (): Refusal => new Refusal('ERASURE_NOT_FOUND', 'No such erasure case', 'not-found');

/** Who may see which case. */
@Injectable()
export class CaseAccess {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(ErasureCases) private readonly cases: ErasureCases,
  ) {}

  /** A customer's own, a brand's own customers', or all. @throws Refusal ERASURE_NOT_FOUND for everything else. */
  async get(caseId: string, caller: Caller, after?: Position): Promise<OpenErasure> {
    await this.followers.caughtUpWith(casesName, after);
    const found = await this.cases.get(caseId);
    if (!found) throw erasureNotFound();
    if (caller.kind === 'customer') ownCustomerId(caller, found.customerId);
    else if (caller.brand && !(await lastKnown(this.store, found.customerId))?.brands.includes(caller.brand)) throw erasureNotFound();
    return found;
  }
}
