import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type EventStore, START, type StoredEvent } from '@kendt/eventsourcing';
import { EVENT_STORE, Followers } from '@kendt/nest';
import { Observable } from 'rxjs';
import { type ConsentChange, changeOf } from './consent-change.js';
import { consentsPublisher } from './consents.publisher.js';

export interface WatchWish {
  /** Absent: every brand. */
  readonly brandId: string | undefined;
  readonly customerId?: string | undefined;
  /** Empty: every purpose. */
  readonly purposeIds: readonly string[];
  /** Called once nothing that happens from now on can be missed. */
  readonly live: () => void;
}

/** Changes of consent as they happen, each watcher with a subscription of its own. */
@Injectable()
export class ConsentWatch implements OnModuleDestroy {
  readonly #closing = new AbortController();

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  onModuleDestroy(): void {
    this.#closing.abort();
  }

  /** Ends when the watcher goes, or the process. */
  watch(wish: WatchWish): Observable<ConsentChange> {
    return new Observable((watcher) => {
      const gone = new AbortController();
      this.#follow(wish, AbortSignal.any([gone.signal, this.#closing.signal]), (change) => watcher.next(change)).then(
        () => watcher.complete(),
        (error: unknown) => watcher.error(error),
      );
      return () => gone.abort();
    });
  }

  /** Starts a little way back, where the publisher has got to; what it meets until it has caught up is not new. */
  async #follow(wish: WatchWish, signal: AbortSignal, tell: (change: ConsentChange) => void): Promise<void> {
    const after = this.followers.running().find(({ name }) => name === consentsPublisher)?.position ?? START;
    let live = false;
    for await (const { events, caughtUp } of this.store.subscribe({ after, categories: ['consent'], signal })) {
      if (live) await this.#tell(events, wish, tell);
      else if (caughtUp) {
        live = true;
        wish.live();
      }
      if (signal.aborted) return;
    }
  }

  async #tell(events: readonly StoredEvent[], wish: WatchWish, tell: (change: ConsentChange) => void): Promise<void> {
    for (const event of events) {
      const change = await changeOf(this.store, event);
      if (change && isWished(change, wish)) tell(change);
    }
  }
}

const isWished = ({ data }: ConsentChange, { brandId, customerId, purposeIds }: WatchWish): boolean =>
  (brandId === undefined || data.brandId === brandId) &&
  (customerId === undefined || data.customerId === customerId) &&
  (purposeIds.length === 0 || purposeIds.includes(data.purposeId));
