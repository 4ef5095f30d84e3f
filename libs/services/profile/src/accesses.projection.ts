import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Access } from '@kendt/contracts';
import type { AccessEvent } from '@kendt/domain';
import { keyOf, type Page, type PageOptions, type StoredEvent, type View, type Views } from '@kendt/eventsourcing';
import { Followers, VIEWS } from '@kendt/nest';
import { deleteAll, newestFirst } from './newest-first.js';

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
  #view!: View<AccessDocument>;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#view = await this.views.open({ name: accessesName, indexes });
    this.followers.add({ name: accessesName, categories: ['access', 'customer'], handle: (event) => this.#handle(event) });
  }

  /** @param brandId absent: of every brand, for the customer */
  page(customerId: string, brandId: string | undefined, options: PageOptions): Promise<Page<Access>> {
    return brandId === undefined ? this.#view.find('customer', customerId, options) : this.#view.find('brand', `${customerId}:${brandId}`, options);
  }

  async #handle(stored: StoredEvent): Promise<void> {
    const customerId = keyOf(stored.stream);
    if (stored.type === 'CustomerErased') return deleteAll(this.#view, 'customer', customerId);
    if (stored.type !== 'CustomerDataViewed') return;
    const { viewedAt: at, ...viewing } = (stored as unknown as AccessEvent).data;
    const id = `${customerId}:${newestFirst(at)}:${String(10 ** 12 - stored.revision)}`;
    await this.#view.put(id, { ...viewing, at, customerId, fields: [...viewing.fields] }, { revision: stored.position });
  }
}
