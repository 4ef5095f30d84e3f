import type { StoredEvent } from './event-store.port.js';
import type { Follower } from './follower.js';
import type { OutgoingMessage, TopicDefinition, Topics } from './topics.port.js';

export interface Publisher {
  readonly name: string;
  readonly categories: readonly string[];
  /** Where it publishes: exact names, or a pattern. */
  readonly topics: readonly string[] | RegExp;
  /** How a topic has to be, which is made when it is not there. */
  readonly define?: (topic: string) => TopicDefinition;
  /** The public messages of an event; none when it is nobody's business. What throws is parked, so it must not depend on the topics. */
  readonly map: (event: StoredEvent) => Promise<readonly OutgoingMessage[]> | readonly OutgoingMessage[];
}

export interface PublishingFollower extends Follower {
  readonly publisher: Publisher;
  readonly publish: Topics['publish'];
}

export const publishesTo = ({ topics }: Publisher, topic: string): boolean => (topics instanceof RegExp ? topic.search(topics) >= 0 : topics.includes(topic));

/**
 * A follower that publishes. Its checkpoint moves only after the topics have taken the messages; what is sent again
 * after a crash carries the same ids.
 */
export const publishing = (topics: Pick<Topics, 'publish'> & Partial<Pick<Topics, 'ensure'>>, publisher: Publisher): PublishingFollower => {
  let gathered: OutgoingMessage[] = [];
  const publish = ensuring(topics, publisher);
  return {
    name: publisher.name,
    categories: publisher.categories,
    publisher,
    publish,
    begin: () => void (gathered = []),
    handle: async (event) => void gathered.push(...(await publisher.map(event))),
    flush: async () => {
      if (gathered.length === 0) return;
      const messages = gathered;
      gathered = []; // a failed batch comes again from the checkpoint, with all its messages
      await publish(messages);
    },
  };
};

/** Makes topics when there is something for them: at the start the broker may be away, and one that was lost is made anew. */
const ensuring = (topics: Pick<Topics, 'publish'> & Partial<Pick<Topics, 'ensure'>>, { define }: Publisher): Topics['publish'] => {
  const ensured = new Set<string>();
  return async (messages) => {
    const missing = define ? [...new Set(messages.map(({ topic }) => topic))].filter((topic) => !ensured.has(topic)) : [];
    try {
      if (define && missing.length > 0) await topics.ensure?.(missing.map(define));
      for (const topic of missing) ensured.add(topic);
      await topics.publish(messages);
    } catch (error) {
      ensured.clear();
      throw error;
    }
  };
};
