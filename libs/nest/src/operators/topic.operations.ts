import { type TopicGrant, topicGrants } from '@kendt/contracts';
import type { DeadLetter, LetterChoice } from '@kendt/eventsourcing';
import type { Directory } from '../catalogue/directory.js';
import type { Consumers } from '../runtime/consumers.js';

/** As operators see it: where it stood and why it was given up, never what stood in it. */
export type ListedLetter = Pick<DeadLetter, 'topic' | 'group' | 'partition' | 'offset' | 'key' | 'code' | 'error' | 'content' | 'at'>;

const listAtMost = 10_000;

/** What operators ask about messages of other systems. */
export class TopicOperations {
  constructor(
    private readonly consumers: Consumers,
    private readonly directory: Directory,
  ) {}

  /** The first ten thousand; `count` is of all. */
  async deadLetters(choice: LetterChoice): Promise<{ readonly letters: readonly ListedLetter[]; readonly count: number }> {
    const letters = await this.consumers.letters.list(choice);
    return { letters: letters.slice(0, listAtMost).map(({ place: _, ...letter }) => letter), count: letters.length };
  }

  async redrive(choice: LetterChoice): Promise<{ readonly resent: number; readonly left: number }> {
    const resent = await this.consumers.letters.resend(choice);
    return { resent, left: (await this.consumers.letters.list(choice)).filter(({ content }) => content !== 'kept').length };
  }

  grants(): readonly TopicGrant[] {
    const systems = this.directory.systems().map(({ id, description }) => ({ systemId: id, brandIds: description.brands }));
    return topicGrants({ systems, groups: this.consumers.states().map(({ group }) => group) });
  }
}

