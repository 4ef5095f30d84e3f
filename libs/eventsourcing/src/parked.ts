import { type EventStore, keyOf, type StoredEvent } from './event-store.port.js';
import type { View, Views } from './views.port.js';

/** An event that could not be handled, or that waits behind one of the same stream key. Ids only. */
export interface ParkedEvent {
  readonly follower: string;
  readonly key: string;
  readonly stream: string;
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  readonly position: string;
  readonly reason: string;
}

export interface ParkedEvents {
  readonly count: number;
  holds(key: string): boolean;
  add(event: StoredEvent, reason: string): Promise<void>;
  retry(store: Pick<EventStore, 'read'>, attempt: (event: StoredEvent) => Promise<boolean>): Promise<number>;
}

export const parkedView = {
  name: 'parked@1',
  indexes: { follower: (parked: ParkedEvent) => parked.follower },
};

/** What one follower has set aside. Kept in a view, so it survives a restart. */
export const parkedEvents = async (views: Views, follower: string): Promise<ParkedEvents> => {
  const view = await views.open<ParkedEvent>(parkedView);
  const parked = new Map((await allOf(view, follower)).map((event) => [event.position, event]));
  const holds = (key: string): boolean => [...parked.values()].some((event) => event.key === key);
  const id = (position: string): string => `${follower}:${position}`;
  return {
    get count() {
      return parked.size;
    },
    holds,
    add: async (event, reason) => {
      const { stream, revision, type, position } = event;
      const entry: ParkedEvent = { follower, key: keyOf(stream), stream, revision, eventId: event.id, type, position, reason };
      await view.put(id(position), entry);
      parked.set(position, entry);
    },
    retry: async (store, attempt) => {
      const stuck = new Set<string>();
      let through = 0;
      for (const entry of [...parked.values()].sort((a, b) => (a.position < b.position ? -1 : 1))) {
        if (stuck.has(entry.key)) continue;
        const [event] = await Array.fromAsync(store.read(entry.stream, { from: entry.revision, limit: 1 }));
        if (event && !(await attempt(event))) {
          stuck.add(entry.key);
          continue;
        }
        await view.delete(id(entry.position));
        parked.delete(entry.position);
        through++;
      }
      return through;
    },
  };
};

const allOf = async (view: View<ParkedEvent>, follower: string): Promise<ParkedEvent[]> => {
  const all: ParkedEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await view.find('follower', follower, { limit: 1000, ...(cursor && { cursor }) });
    all.push(...page.documents.map(({ value }) => value));
    cursor = page.next;
  } while (cursor);
  return all;
};
