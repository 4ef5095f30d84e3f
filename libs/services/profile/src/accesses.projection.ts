import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Access } from '@kendt/contracts';
import type { AccessEvent } from '@kendt/domain';
import { keyOf, type Page, type PageOptions, type Projection, type ReadView, type StoredEvent } from '@kendt/eventsourcing';
import { Followers } from '@kendt/nest';
import { newestFirst } from './newest-first.js';

export const accessesName = 'accesses@1';

interface AccessDocument extends Access {
  readonly customerId: string;
}

const indexes = {
  customer: ({ customerId }: AccessDocument) => customerId,
  brand: ({ customerId, brandId }: AccessDocument) => brandId && `${customerId}:${brandId}`,
};

/** Who has looked: one document per look, the latest first. */
@Injectable()
export class AccessesView implements OnModuleInit {
  #view!: ReadView<AccessDocument>;

  constructor(@Inject(Followers) private readonly followers: Followers) {}

  onModuleInit(): void {
    this.#view = this.followers.project(projection);
  }

  /** @param brandId absent: of every brand, for the customer */
  page(customerId: string, brandId: string | undefined, options: PageOptions): Promise<Page<Access>> {
    return brandId === undefined ? this.#view.find('customer', customerId, options) : this.#view.find('brand', `${customerId}:${brandId}`, options);
  }
}

const viewed = (stored: StoredEvent): AccessEvent | undefined => (stored.type === 'CustomerDataViewed' ? (stored as unknown as AccessEvent) : undefined);

const projection: Projection<AccessDocument> = {
  name: accessesName,
  indexes,
  categories: ['access', 'customer'],
  document: (stored) => {
    const event = viewed(stored);
    return event && `${keyOf(stored.stream)}:${newestFirst(event.data.viewedAt)}:${String(10 ** 12 - stored.revision)}`;
  },
  forgets: ({ type, stream }) => (type === 'CustomerErased' ? { index: 'customer', value: keyOf(stream) } : undefined),
  next: (current, stored) => {
    const event = viewed(stored);
    if (!event) return current;
    const { viewedAt: at, ...viewing } = event.data;
    return { ...viewing, at, customerId: keyOf(stored.stream), fields: [...viewing.fields] };
  },
};
