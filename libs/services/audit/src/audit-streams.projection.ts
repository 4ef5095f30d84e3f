import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ClaimEvent, ErasureEvent } from '@kendt/domain';
import type { Projection, ReadView, StoredEvent } from '@kendt/eventsourcing';
import { Followers } from '@kendt/nest';

export const streamsName = 'audit-streams@1';

interface StreamsDocument {
  readonly streams: readonly string[];
}

/** The streams that concern a customer and are not named after them: erasure cases and claims. */
@Injectable()
export class AuditStreams implements OnModuleInit {
  #view: ReadView<StreamsDocument> | undefined;

  constructor(@Inject(Followers) private readonly followers: Followers) {}

  onModuleInit(): void {
    this.#view = this.followers.project(projection);
  }

  async of(customerId: string): Promise<readonly string[]> {
    return (await this.#view?.get(customerId))?.value.streams ?? [];
  }
}

const beginsFor = (stored: StoredEvent): string | undefined => {
  const event = stored as unknown as ClaimEvent | ErasureEvent;
  return event.type === 'IdentifierClaimed' || event.type === 'ErasureRequested' ? event.data.customerId : undefined;
};

const withStream = (current: StreamsDocument | undefined, stream: string): StreamsDocument => ({ streams: [...new Set([...(current?.streams ?? []), stream])] });

const projection: Projection<StreamsDocument> = {
  name: streamsName,
  categories: ['claim', 'erasure'],
  document: beginsFor,
  next: (current, { stream }) => withStream(current, stream),
};
