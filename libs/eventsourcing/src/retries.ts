import { Bell } from './bell.js';
import type { Consumer } from './consumer.js';
import { type Failure, failureOf, type Patience } from './failures.js';
import { type AsideTopics, byPlace, lyingIn, original, placeOf, read, type Reason, removed, retryTopic, type SetAside, setAside } from './set-aside.js';
import type { TopicMessage, Topics } from './topics.port.js';
import type { Document } from './views.port.js';
import type { WaitingKey, WaitingKeys } from './waiting-keys.js';

export interface RetryDeps {
  readonly topics: Pick<Topics, 'read' | 'names'>;
  readonly aside: AsideTopics;
  readonly waiting: WaitingKeys;
  readonly dead: { add(message: TopicMessage, failure: Failure): Promise<void>; prune(): Promise<void> };
  readonly consumer: Consumer;
  /** Before the first, the second … try, in milliseconds. */
  readonly delays: readonly number[];
}

/** A refusal that time may mend is given the first of the delays only: mostly it does not. */
const shortTries = 2;
const keysAtOnce = 100;
const messagesAtOnce = 10;
const lookEveryMs = 3_000;
const pruneEveryMs = 3_600_000;

const waitsBehind: Reason = { code: 'WAITS_BEHIND' };

type Taken = Document<WaitingKey>;

/**
 * Tries again what could not be handled, in order per key, while other keys go on. The messages lie in the retry topic until
 * they are done; which keys wait, and until when, is known to the view that the members of the group share.
 */
export class Retries {
  readonly #bell = new Bell();
  #rings = 0;
  #prunedAt = 0;
  /** When a key was due, as of the last look. */
  #nextInMs: number | undefined;

  constructor(private readonly deps: RetryDeps) {}

  /** Whether the message has to wait behind an earlier one of its key; it is put behind that one then. */
  async holdBack(message: TopicMessage): Promise<boolean> {
    if (!(await this.deps.waiting.holds(message.topic, message.key))) return false;
    await this.add(message, waitsBehind);
    return true;
  }

  /** First the message, then its key: a crash in between lets the message come again. */
  async add(message: TopicMessage, reason: Reason): Promise<void> {
    const { aside, waiting, consumer, delays } = this.deps;
    await aside.publish([setAside(retryTopic(message.topic, consumer.group), message, reason)]);
    await waiting.add(message.topic, message.key, reason.code, delays[0] ?? 0);
    this.#rings++;
    this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#recover();
    while (!signal.aborted) {
      await this.#prune();
      const heard = this.#rings;
      if (!(await this.#tryDue(signal))) await this.#rest(heard, signal);
    }
  }

  /** What lies in a retry topic though its key does not wait: the view was lost, or a process died on the way to it. */
  async #recover(): Promise<void> {
    const { topics, waiting, consumer } = this.deps;
    for (const name of await topics.names()) {
      if (!name.endsWith(retryTopic('', consumer.group))) continue;
      const lying = await lyingIn(topics, name, read);
      for (const { topic, key, code } of lying.values()) if (!(await waiting.holds(topic, key))) await waiting.add(topic, key, code, 0);
    }
  }

  async #prune(): Promise<void> {
    if (Date.now() - this.#prunedAt < pruneEveryMs) return;
    await this.deps.dead.prune();
    this.#prunedAt = Date.now();
  }

  async #tryDue(signal: AbortSignal): Promise<boolean> {
    this.#nextInMs = await this.deps.waiting.untilNext();
    if (this.#nextInMs !== 0) return false;
    const taken = await this.deps.waiting.take(keysAtOnce);
    for (const [topic, keys] of Map.groupBy(taken, ({ value }) => value.topic)) await this.#tryTopic(topic, keys, signal);
    return taken.length > 0;
  }

  async #tryTopic(topic: string, taken: readonly Taken[], signal: AbortSignal): Promise<void> {
    const name = retryTopic(topic, this.deps.consumer.group);
    const waiting = await this.#waitingIn(name, new Set(taken.map(({ value }) => value.key)));
    const next = [...waiting.values()].flatMap((ofKey) => ofKey.slice(0, messagesAtOnce));
    const messages = await this.#messages(name, new Set(next.map(({ place }) => place.key)));
    for (const key of taken) {
      const ofKey = waiting.get(key.value.key) ?? [];
      const first = ofKey.slice(0, messagesAtOnce).flatMap(({ place }) => messages.get(place.key) ?? []);
      if (signal.aborted || !this.deps.waiting.isStillOurs(key)) await this.deps.waiting.giveBack(key);
      else await this.#tryKey(key, first, ofKey.length > first.length);
    }
  }

  /** Where the messages of these keys stand, by key and in order; without content, since there may be many. */
  async #waitingIn(name: string, keys: ReadonlySet<string>): Promise<Map<string, SetAside[]>> {
    const lying = await lyingIn(this.deps.topics, name, (aside) => (keys.has(read(aside).key) ? read(aside) : undefined));
    return Map.groupBy([...lying.values()].sort(byPlace), ({ key }) => key);
  }

  #messages(name: string, places: ReadonlySet<string>): Promise<Map<string, TopicMessage>> {
    return lyingIn(this.deps.topics, name, (aside) => (places.has(aside.key) ? original(aside) : undefined));
  }

  async #tryKey(taken: Taken, messages: readonly TopicMessage[], areMore: boolean): Promise<void> {
    let { attempts } = taken.value;
    for (const message of messages) {
      const failure = await this.#attempt(message);
      const delay = failure && this.#delayAfter(failure.patience, attempts + 1);
      if (failure && delay !== undefined) return this.deps.waiting.postpone(taken, attempts + 1, failure.code, delay);
      if (failure) await this.deps.dead.add(message, failure);
      await this.#done(message);
      attempts = 0;
    }
    await (areMore ? this.deps.waiting.postpone(taken, 0, waitsBehind.code, 0) : this.deps.waiting.release(taken));
  }

  async #attempt(message: TopicMessage): Promise<Failure | undefined> {
    try {
      await this.deps.consumer.handle(message);
      return undefined;
    } catch (error) {
      return failureOf(error, this.deps.consumer.mayCome);
    }
  }

  /** `undefined`: it has been tried often enough. */
  #delayAfter(patience: Patience, tries: number): number | undefined {
    const { delays } = this.deps;
    const longest = delays.at(-1) ?? 0;
    if (patience === 'endless') return delays[tries] ?? longest;
    return patience === 'none' || (patience === 'short' && tries >= shortTries) ? undefined : delays[tries];
  }

  async #done(message: TopicMessage): Promise<void> {
    const topic = retryTopic(message.topic, this.deps.consumer.group);
    await this.deps.aside.publish([removed({ topic, key: placeOf(message) })]);
  }

  /** Until a key is due, or somebody has put one here: in this process at once, in another one within three seconds. */
  async #rest(heard: number, signal: AbortSignal): Promise<void> {
    const ms = Math.min(lookEveryMs, this.#nextInMs ?? lookEveryMs);
    if (heard !== this.#rings) return;
    const alarm = setTimeout(() => this.#bell.ring(), ms);
    await this.#bell.wait(signal);
    clearTimeout(alarm);
  }
}
