import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Purchase } from '@kendt/contracts';
import { normaliseNumber, type PurchasesEvent } from '@kendt/domain';
import { keyOf, type Lookup, type Page, type PageOptions, type StoredEvent, type View, type Views } from '@kendt/eventsourcing';
import { isErased } from '@kendt/kernel';
import { Followers, LOOKUP, VIEWS } from '@kendt/nest';
import { brandKey } from './customers.projection.js';
import { deleteAll, newestFirst } from './newest-first.js';

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
  #view!: View<PurchaseDocument>;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(LOOKUP) private readonly lookup: Lookup,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#view = await this.views.open({ name: purchasesName, indexes });
    this.followers.add({ name: purchasesName, categories: ['purchases', 'customer'], handle: (event) => this.#handle(event) });
  }

  /** One brand's own: what was bought elsewhere is none of its business. */
  page(customerId: string, brandId: string, options: PageOptions): Promise<Page<Purchase>> {
    return this.#view.find('brand', `${customerId}:${brandId}`, options);
  }

  async buyers(key: string): Promise<string[]> {
    const { documents } = await this.#view.find('order', key, { limit: 20 });
    return [...new Set(documents.map(({ value }) => value.customerId))];
  }

  async #handle(stored: StoredEvent): Promise<void> {
    const customerId = keyOf(stored.stream);
    if (stored.type === 'CustomerErased' || stored.type === 'PurchasesForgotten') return deleteAll(this.#view, 'customer', customerId);
    const event = stored as unknown as PurchasesEvent;
    if (event.type !== 'PurchaseRecorded') return;
    const document = documentOf(customerId, event, this.lookup);
    if (document) await this.#view.put(`${customerId}:${newestFirst(document.purchasedAt)}:${stored.id}`, document, { revision: stored.position });
  }
}

const documentOf = (customerId: string, { data, personal }: Extract<PurchasesEvent, { type: 'PurchaseRecorded' }>, lookup: Lookup): PurchaseDocument | undefined => {
  if (isErased(personal.purchases)) return undefined; // replayed after the erasure
  const { purchaseId, brandId, source, channel } = data;
  const purchase = Purchase.parse({ ...personal.purchases, purchaseId, brandId, channel, reportedBy: source });
  return { ...purchase, customerId, orderHash: lookup('order', normaliseNumber(purchase.orderNumber)) };
};
