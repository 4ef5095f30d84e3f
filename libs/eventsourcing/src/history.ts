import type { EventStore, StoredEvent, SubscribeOptions } from './event-store.port.js';

/** What stands in the log now, in order, in batches; ends where a subscription would go on into live. */
export async function* historyOf(store: Pick<EventStore, 'subscribe'>, options: Omit<SubscribeOptions, 'signal'>): AsyncIterable<readonly StoredEvent[]> {
  const enough = new AbortController();
  try {
    for await (const { events, caughtUp } of store.subscribe({ ...options, signal: enough.signal })) {
      yield events;
      if (caughtUp) return;
    }
  } finally {
    enough.abort();
  }
}
