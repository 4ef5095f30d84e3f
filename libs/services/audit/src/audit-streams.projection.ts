import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ClaimEvent, ErasureEvent } from '@kendt/domain';
import { project, type StoredEvent, type View, type Views } from '@kendt/eventsourcing';
import { Followers, VIEWS } from '@kendt/nest';

export const streamsName = 'audit-streams@1';

interface StreamsDocument {
  readonly streams: readonly string[];
}

/** The streams that concern a customer and are not named after them: erasure cases and claims. */
@Injectable()
export class AuditStreams implements OnModuleInit {
  #view: View<StreamsDocument> | undefined;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  async onModuleInit(): Promise<void> {
    const view = await this.views.open<StreamsDocument>({ name: streamsName });
    this.#view = view;
    this.followers.add({
      name: streamsName,
      categories: ['claim', 'erasure'],
      handle: async (event) => {
        const customerId = beginsFor(event);
        if (customerId) await project(view, customerId, event, (current) => withStream(current, event.stream));
      },
    });
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
