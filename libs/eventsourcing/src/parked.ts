import { Refusal } from '@kendt/kernel';
import { type EventStore, keyOf, type StoredEvent } from './event-store.port.js';
import type { View, Views } from './views.port.js';

/** An event that could not be handled, or that waits behind one of the same stream key. Ids only. */
export interface ParkedEvent {
  readonly follower: string;
  readonly key: string;
  /** Of a projection: the document it concerns. What changes the same document waits as well. */
  readonly document?: string;
  readonly stream: string;
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  readonly position: string;
  readonly reason: string;
}

export interface ParkedEvents {
  readonly count: number;
  /** Whether something of this stream key, or of this document, is parked. */
  holds(key: string, document?: string): boolean;
  add(event: StoredEvent, reason: string, document?: string): Promise<void>;
  retry(store: Pick<EventStore, 'read'>, attempt: (event: StoredEvent) => Promise<boolean>, key?: string): Promise<number>;
}

export const parkedView = {
  name: 'parked@1',
  indexes: { follower: (parked: ParkedEvent) => parked.follower },
};

export const waitsBehind = 'WAITS_BEHIND';

/** What one follower has set aside. Kept in a view, so it survives a restart. */
export const parkedEvents = async (views: Views, follower: string): Promise<ParkedEvents> => {
  const view = await views.open<ParkedEvent>(parkedView);
  const parked = new Map((await parkedOf(view, follower)).map((event) => [event.position, event]));
  const held = new Map<string, number>();
  const count = ({ key, document = key }: ParkedEvent, by: 1 | -1): void => {
    for (const one of new Set([key, document])) if (held.set(one, (held.get(one) ?? 0) + by).get(one) === 0) held.delete(one);
  };
  for (const entry of parked.values()) count(entry, 1);
  const id = (position: string): string => `${follower}:${position}`;
  return {
    get count() {
      return parked.size;
    },
    holds: (key, document) => held.has(key) || (document !== undefined && held.has(document)),
    add: async (event, reason, document) => {
      const { stream, revision, type, position } = event;
      const entry: ParkedEvent = { follower, key: keyOf(stream), ...(document !== undefined && { document }), stream, revision, eventId: event.id, type, position, reason };
      await view.put(id(position), entry);
      if (!parked.has(position)) count(entry, 1);
      parked.set(position, entry);
    },
    retry: async (store, attempt, key) => {
      const stuck = new Set<string>();
      let through = 0;
      for (const entry of [...parked.values()].sort((a, b) => (a.position < b.position ? -1 : 1))) {
        const { document = entry.key } = entry;
        const wanted = (key === undefined || entry.key === key) && !stuck.has(entry.key) && !stuck.has(document);
        if (!wanted || !(await again(store, entry, attempt))) {
          stuck.add(entry.key).add(document);
          continue;
        }
        await view.delete(id(entry.position));
        parked.delete(entry.position);
        count(entry, -1);
        through++;
      }
      return through;
    },
  };
};

const again = async (store: Pick<EventStore, 'read'>, { stream, revision }: ParkedEvent, attempt: (event: StoredEvent) => Promise<boolean>): Promise<boolean> => {
  const [event] = await Array.fromAsync(store.read(stream, { from: revision, limit: 1 }));
  return event === undefined || attempt(event);
};

export const parkedOf = async (view: View<ParkedEvent>, follower: string): Promise<ParkedEvent[]> => {
  const all: ParkedEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await view.find('follower', follower, { limit: 1000, ...(cursor && { cursor }) });
    all.push(...page.documents.map(({ value }) => value));
    cursor = page.next;
  } while (cursor);
  return all;
};

/** Why something failed: a stable code where there is one, never the message, which may say too much. */
export const reasonOf = (error: unknown): string => (error instanceof Refusal ? error.code : error instanceof Error ? error.name : 'unknown');
