import type { Consumer } from './consumer.js';
import {
  AsideTopics, byPlace, type Content, deadLetterTopic, emptied, lyingIn, original, read, type Reason, removed, retryTopic, type SetAside, setAside,
} from './set-aside.js';
import type { TopicMessage, Topics } from './topics.port.js';
import type { Views } from './views.port.js';
import { WaitingKeys } from './waiting-keys.js';

/** What is known of a message that was given up; never its content. */
export interface DeadLetter extends SetAside {
  readonly group: string;
}

/** Which dead letters are meant: all that fit every field that is given. */
export interface LetterChoice {
  readonly topic?: string | undefined;
  readonly group?: string | undefined;
  /** The customer. */
  readonly key?: string | undefined;
  readonly reason?: string | undefined;
  /** `<partition>-<offset>` of the original. */
  readonly at?: string | undefined;
}

export interface DeadLetterDeps {
  readonly topics: Pick<Topics, 'read' | 'names' | 'publish' | 'ensure'>;
  readonly views: Views;
}

const atOnce = 500;
const ending = deadLetterTopic('', '').slice(1); // `.dlq`
const keptFor = 30 * 24 * 3_600_000;

/** Messages that were given up, in the dead-letter topics of all groups. */
export class DeadLetters {
  readonly #aside: AsideTopics;

  constructor(private readonly deps: DeadLetterDeps) {
    this.#aside = new AsideTopics(deps.topics);
  }

  async add(group: string, message: TopicMessage, reason: Reason, content?: Content): Promise<void> {
    await this.#aside.publish([setAside(deadLetterTopic(message.topic, group), message, reason, content)]);
  }

  /** In the order in which the originals stood. */
  async list(choice: LetterChoice = {}): Promise<readonly DeadLetter[]> {
    const all: DeadLetter[] = [];
    for (const topic of await this.#topics()) {
      const letters = await lyingIn(this.deps.topics, topic, (message) => asChosen(choice, letterOf(message)));
      all.push(...letters.values());
    }
    return all.sort(byPlace);
  }

  /**
   * Back into the retry topics of their groups, where each is tried at once, in order per key, before anything later of its key.
   * What is cut off in between is sent again, never lost. Gives how many; those without content stay.
   */
  async resend(choice: LetterChoice = {}): Promise<number> {
    const letters = (await this.list(choice)).filter(({ content }) => content === 'kept');
    for (const [topic, ofTopic] of Map.groupBy(letters, ({ place }) => place.topic))
      for (let n = 0; n < ofTopic.length; n += atOnce) await this.#resendSome(topic, ofTopic.slice(n, n + atOnce));
    return letters.length;
  }

  /** Takes the content out of every letter of an erased customer that this group has given up; that there was one stays to be seen. */
  async forget(customerId: string, group: string): Promise<number> {
    let forgotten = 0;
    for (const topic of await this.#topics(group)) {
      const letters = await lyingIn(this.deps.topics, topic, (message) => (read(message).key === customerId && read(message).content !== 'erased' ? emptied(message) : undefined));
      await this.deps.topics.publish([...letters.values()]);
      forgotten += letters.size;
    }
    return forgotten;
  }

  /** Removes letters of this consumer that have lain there for longer than it keeps them. */
  async prune({ group, keepDeadMs = keptFor }: Pick<Consumer, 'group' | 'keepDeadMs'>): Promise<void> {
    const oldest = new Date(Date.now() - keepDeadMs).toISOString();
    for (const topic of await this.#topics(group)) {
      const old = await lyingIn(this.deps.topics, topic, ({ topic: name, key, timestamp }) => (timestamp < oldest ? { topic: name, key } : undefined));
      await this.deps.topics.publish([...old.values()].map(removed));
    }
  }

  async #resendSome(topic: string, letters: readonly DeadLetter[]): Promise<void> {
    const wanted = new Set(letters.map(({ place }) => place.key));
    const messages = await lyingIn(this.deps.topics, topic, (message) => (wanted.has(message.key) ? message : undefined));
    const [{ group }] = letters as [DeadLetter];
    const waiting = new WaitingKeys(this.deps.views, group);
    const back = letters.flatMap(({ place }) => messages.get(place.key) ?? []);
    await this.#aside.publish(back.map((message) => setAside(retryTopic(read(message).topic, group), original(message), read(message))));
    for (const letter of new Map(letters.map((one) => [one.key, one])).values()) await waiting.begin(letter.topic, letter.key, letter.code);
    await this.deps.topics.publish(back.map(removed));
  }

  async #topics(group?: string): Promise<string[]> {
    return (await this.deps.topics.names()).filter((name) => name.endsWith(group === undefined ? ending : deadLetterTopic('', group)));
  }
}

const letterOf = (message: TopicMessage): DeadLetter => {
  const aside = read(message);
  return { ...aside, group: message.topic.slice(aside.topic.length + 1, -ending.length) };
};

const asChosen = ({ topic, group, key, reason, at }: LetterChoice, letter: DeadLetter): DeadLetter | undefined => {
  const said: readonly (readonly [asked: string | undefined, is: string])[] = [
    [topic, letter.topic], [group, letter.group], [key, letter.key], [reason, letter.code], [at, `${letter.partition}-${letter.offset}`],
  ];
  return said.every(([asked, is]) => asked === undefined || asked === is) ? letter : undefined;
};
