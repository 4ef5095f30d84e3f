import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deterministicId, type EventStore, type ExpectedRevision, readAll, RevisionConflict, type StreamAppend } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { SqliteEventStore } from '@kendt/sqlite';
import { checkAppends } from './append.checker.js';
import { appendFacts, type AppendFact, digestOf, type Word } from './append.facts.js';
import { sabotaged, sabotages } from './append.sabotage.js';
import type { Fact, Life, Scenario } from './scenario.js';

const fileName = 'events.db';
const callers = 12;
const sharedStreams = 6;
const longestRestMs = 15;
const type = 'WordSaid';

export const append: Scenario = {
  name: 'append',
  about: 'nothing acknowledged is missing, nothing refused is present, each append is there whole or not at all, in order, once',
  sabotages,
  processes: 2,
  killedWhileStarting: true,
  work: async (started) => {
    const life = readyOnceAcknowledged(started);
    const store = sabotaged(life.sabotage, await SqliteEventStore.open(join(life.folder, fileName)));
    const leftOver = unanswered(life);
    await Promise.all(Array.from({ length: callers }, (_, n) => new Caller(life, store, `${life.number}.${life.process}.${n}`).work(leftOver)));
  },
  checkEach: (facts, folder) => checkAppends(appendFacts(facts), join(folder, fileName)),
};

/** A life in which nothing was acknowledged proves nothing. */
const readyOnceAcknowledged = (life: Life): Life => {
  let ready = false;
  const say = (fact: Fact): void => {
    life.say(fact);
    if (ready || fact.is !== 'acknowledged') return;
    ready = true;
    life.say({ is: 'ready' });
  };
  return { ...life, say };
};

type Attempt = Extract<AppendFact, { is: 'attempt' }>;
type Plan = readonly (readonly [stream: string, expected: ExpectedRevision, events: number])[];

/** What the life before had tried and got no answer for. Two processes share it out. */
const unanswered = (life: Life): Attempt[] => {
  const before = appendFacts(life.before());
  const answered = new Set(before.flatMap((fact) => (fact.is === 'acknowledged' || fact.is === 'refused' ? [fact.key] : [])));
  const open = before.filter((fact): fact is Attempt => fact.is === 'attempt' && !answered.has(fact.key));
  return open.filter((_, n) => n % 2 === life.process);
};

/** Does one thing after the other: to a stream of its own, or to those for which all callers fight. */
class Caller {
  #done = 0;
  #ownRevision = -1;
  #last: Attempt | undefined;

  constructor(
    private readonly life: Life,
    private readonly store: EventStore,
    private readonly name: string,
  ) {}

  async work(leftOver: Attempt[]): Promise<void> {
    for (let attempt = leftOver.shift(); attempt; attempt = leftOver.shift()) await this.#attempt(attempt.key, attempt.streams);
    for (;;) {
      await this.#something();
      if (this.life.random() < 0.5) await sleep(this.life.random() * longestRestMs); // else a thousand lives fill the disk and prove no more
    }
  }

  async #something(): Promise<void> {
    const dice = this.life.random();
    if (dice < 0.05 && this.#last) return this.#again(this.#last);
    if (dice < 0.08 && this.#last) return this.#forge(this.#last);
    return this.#new(await this.#plan(dice));
  }

  async #plan(dice: number): Promise<Plan> {
    const events = 1 + Math.floor(this.life.random() * 3);
    const own = [`own-${this.name}`, this.#ownRevision === -1 ? 'none' : this.#ownRevision, events] as const;
    if (dice < 0.45) return [own];
    const shared = `shared-${Math.floor(this.life.random() * sharedStreams)}`;
    if (dice < 0.55) return [[shared, 'any', events]];
    if (dice < 0.6) return [own, [shared, 'none', events]]; // wrong on purpose, but for the very first
    const last = (await readAll(this.store, shared, { direction: 'backwards', limit: 1 }))[0]?.revision ?? 'none';
    return dice < 0.8 ? [[shared, last, events]] : [own, [`new-${this.name}-${this.#done}`, 'none', 1], [shared, last, events]];
  }

  async #new(plan: Plan): Promise<void> {
    const answered = await this.#attempt(`${this.name}.${this.#done++}`, plan);
    if (!answered) return;
    this.#last = answered;
    for (const [stream, , events] of plan) if (stream === `own-${this.name}`) this.#ownRevision += events;
  }

  /** As a client does that has lost the answer. */
  async #again({ key, streams }: Attempt): Promise<void> {
    await this.#attempt(key, streams);
  }

  /** Says what it is about to do, does it, and says what came of it. */
  async #attempt(key: string, streams: Plan): Promise<Attempt | undefined> {
    const appends = this.#appends(key, streams, 'said');
    const fact = { is: 'attempt' as const, key, streams, digest: digestOf(appends) };
    this.life.say(fact);
    try {
      const { position } = await this.store.append(appends);
      this.life.say({ is: 'acknowledged', key, position });
      return { ...fact, life: this.life.number, process: this.life.process };
    } catch (error) {
      this.life.say({ is: 'refused', key, why: reason(error) });
      return undefined;
    }
  }

  async #forge({ key, streams }: Attempt): Promise<void> {
    this.life.say({ is: 'forgery', key });
    const answer = await this.store.append(this.#appends(key, streams, 'forged')).then((): Fact => ({ is: 'forgery-acknowledged', key }), (error: unknown): Fact => ({ is: 'forgery-refused', key, why: reason(error) }));
    this.life.say(answer);
  }

  /** The same each time: a retry in a later life must write the same bytes. */
  #appends(key: string, streams: Plan, verb: string): StreamAppend[] {
    let index = 0;
    const metadata = { commandId: key, correlationId: key, causationId: key, actorKind: 'system', actorId: 'chaos', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' } as const;
    const event = (): StreamAppend['events'][number] => {
      const data: Word = { key, index, words: `${verb} ${index} `.repeat(1 + ((key.length * 7 + index) % 40)) };
      return { id: deterministicId(key, String(index++)), type, data, metadata };
    };
    return streams.map(([stream, expected, events]) => ({ stream, expected, events: Array.from({ length: events }, event) }));
  }
}

/** @throws what is no refusal: the child ends with it, and the storm tells. */
const reason = (error: unknown): string => {
  if (error instanceof RevisionConflict) return 'CONFLICT';
  if (error instanceof Refusal) return error.code;
  throw error;
};
