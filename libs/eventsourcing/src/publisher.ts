import type { StoredEvent } from './event-store.port.js';
import type { Follower } from './follower.js';
import type { OutgoingMessage, Topics } from './topics.port.js';

export interface Publisher {
  readonly name: string;
  readonly categories: readonly string[];
  /** The public messages of an event; none when it is nobody's business. */
  readonly map: (event: StoredEvent) => Promise<readonly OutgoingMessage[]> | readonly OutgoingMessage[];
}

/**
 * A follower that publishes. Its checkpoint moves only after the topics have taken the messages; what is sent again
 * after a crash carries the same ids.
 */
export const publishing = (topics: Pick<Topics, 'publish'>, publisher: Publisher): Follower => {
  let gathered: OutgoingMessage[] = [];
  return {
    name: publisher.name,
    categories: publisher.categories,
    begin: () => void (gathered = []),
    handle: async (event) => void gathered.push(...(await publisher.map(event))),
    flush: async () => {
      if (gathered.length === 0) return;
      const messages = gathered;
      gathered = []; // a failed batch comes again from the checkpoint, with all its messages
      await topics.publish(messages);
    },
  };
};
