import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Purchase } from '@kendt/contracts';
import { normaliseNumber, type PurchasesEvent } from '@kendt/domain';
import { keyOf, type Lookup, type Page, type PageOptions, type Projection, type ReadView, type StoredEvent } from '@kendt/eventsourcing';
import { isErased } from '@kendt/kernel';
import { Followers, LOOKUP } from '@kendt/nest';
import { brandKey } from './customers.projection.js';
import { newestFirst } from './newest-first.js';

export const purchasesName = 'purchases@1';

interface PurchaseDocument extends Purchase {
  readonly customerId: string;
  readonly orderHash: string;
}

const indexes = {
  customer: ({ customerId }: PurchaseDocument) => customerId,
  brand: ({ customerId, brandId }: PurchaseDocument) => `${customerId}:${brandId}`,
  order: ({ brandId, orderHash }: PurchaseDocument) => brandKey(brandId, orderHash),
};

/** What was bought: one document per purchase, the latest first. */
@Injectable()
export class PurchasesView implements OnModuleInit {
  #view!: ReadView<PurchaseDocument>;

  constructor(
    @Inject(LOOKUP) private readonly lookup: Lookup,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  onModuleInit(): void {
    this.#view = this.followers.project(projection(this.lookup));
  }

  /** One brand's own: what was bought elsewhere is none of its business. */
  page(customerId: string, brandId: string, options: PageOptions): Promise<Page<Purchase>> {
    return this.#view.find('brand', `${customerId}:${brandId}`, options);
  }

  async buyers(key: string): Promise<string[]> {
    const { documents } = await this.#view.find('order', key, { limit: 20 });
    return [...new Set(documents.map(({ value }) => value.customerId))];
  }
}

type Recorded = Extract<PurchasesEvent, { type: 'PurchaseRecorded' }>;

const recorded = (stored: StoredEvent): Recorded | undefined => (stored.type === 'PurchaseRecorded' ? (stored as unknown as Recorded) : undefined);

const forgetting: ReadonlySet<string> = new Set(['CustomerErased', 'PurchasesForgotten']);

const projection = (lookup: Lookup): Projection<PurchaseDocument> => ({
  name: purchasesName,
  indexes,
  personal: { group: 'purchases', customerOf: (id) => id.slice(0, id.indexOf(':')) },
  categories: ['purchases', 'customer'],
  document: (stored) => {
    const purchases = recorded(stored)?.personal.purchases;
    if (purchases === undefined || isErased(purchases)) return undefined; // replayed after the erasure
    return `${keyOf(stored.stream)}:${newestFirst((purchases as Purchase).purchasedAt)}:${stored.id}`;
  },
  forgets: ({ type, stream }) => (forgetting.has(type) ? { index: 'customer', value: keyOf(stream) } : undefined),
  next: (current, stored) => {
    const event = recorded(stored);
    return event ? documentOf(keyOf(stored.stream), event, lookup) : current;
  },
});

const documentOf = (customerId: string, { data, personal }: Recorded, lookup: Lookup): PurchaseDocument | undefined => {
  if (isErased(personal.purchases)) return undefined;
  const { purchaseId, brandId, source, channel } = data;
  const purchase = Purchase.parse({ ...personal.purchases, purchaseId, brandId, channel, reportedBy: source });
  return { ...purchase, customerId, orderHash: lookup('order', normaliseNumber(purchase.orderNumber)) };
};
