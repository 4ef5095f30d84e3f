import { deterministicId, type ExpectedRevision, type StoredEvent } from '@kendt/eventsourcing';
import { type AppendFact, digestWith, type Word } from './append.facts.js';

type Attempt = Extract<AppendFact, { is: 'attempt' }>;

/** One append: what was said of it in all lives, and what is there of it. */
interface Entry {
  readonly digest: string;
  /** Of its streams, as JSON: a thousand lives have many of these. */
  readonly plan: string;
  tries: number;
  acknowledgedAt: string | undefined;
  /** An answer that says: this was not written, and will not be. */
  refused: boolean;
  count: number;
  found: string;
  lastStream: string;
  lastPosition: string;
}

/** Says that this try wrote nothing; one before it, whose answer was lost, may have. */
const busy = 'STORE_BUSY';

/** Holds what was said against what is there. First everything that was said, then every event that is there, each in order. */
export class AppendBook {
  readonly complaints: string[] = [];
  readonly counts = { acknowledged: 0, refused: 0, forged: 0, 'tried again': 0 };
  readonly #entries = new Map<string, Entry>();
  readonly #lastAnswers = new Map<string, string>();

  get appends(): number {
    return this.#entries.size;
  }

  get unanswered(): number {
    return [...this.#entries.values()].filter(({ acknowledgedAt, refused }) => acknowledgedAt === undefined && !refused).length;
  }

  said(fact: AppendFact): void {
    if (fact.is === 'attempt') return this.#tried(fact);
    const entry = this.#entries.get(fact.key)!;
    if (fact.is === 'acknowledged') this.#acknowledged(fact, entry);
    if (fact.is === 'refused') {
      this.counts.refused++;
      if (fact.why !== busy || entry.tries === 1) entry.refused = true;
    }
    if (fact.is === 'forgery') this.counts.forged++;
    const accepted = fact.is === 'forgery-acknowledged' || (fact.is === 'forgery-refused' && fact.why !== 'EVENT_ID_REUSED' && fact.why !== busy);
    if (accepted) this.complaints.push(`${fact.key}: other events with the same ids were not refused`);
  }

  #tried({ key, digest, streams }: Attempt): void {
    const before = this.#entries.get(key);
    if (!before) this.#entries.set(key, { digest, plan: JSON.stringify(streams), tries: 1, acknowledgedAt: undefined, refused: false, count: 0, found: '', lastStream: '', lastPosition: '' });
    else {
      before.tries++;
      this.counts['tried again']++;
    }
  }

  #acknowledged({ key, position }: Extract<AppendFact, { is: 'acknowledged' }>, entry: Entry): void {
    this.counts.acknowledged++;
    if (entry.acknowledgedAt !== undefined && entry.acknowledgedAt !== position) this.complaints.push(`${key} was acknowledged at "${entry.acknowledgedAt}" and at "${position}"`);
    if (entry.acknowledgedAt === undefined && entry.tries === 1) this.#inOrder(key, position);
    entry.acknowledgedAt ??= position;
  }

  /** A caller waits for each answer, so the positions of its answers rise. */
  #inOrder(key: string, position: string): void {
    const caller = key.slice(0, key.lastIndexOf('.'));
    if (position <= (this.#lastAnswers.get(caller) ?? '')) this.complaints.push(`${caller} was answered out of order`);
    this.#lastAnswers.set(caller, position);
  }

  found(event: StoredEvent): void {
    const { key, index } = event.data as Word;
    const entry = this.#entries.get(key);
    if (!entry) return void this.complaints.push(`${key} is there, but nobody tried it`);
    if (event.id !== deterministicId(key, String(index))) this.complaints.push(`${key} has an id that it was not given`);
    if (event.stream !== entry.lastStream) this.#begins(key, event, entry);
    entry.count++;
    entry.found = digestWith(entry.found, event.stream, event);
    [entry.lastStream, entry.lastPosition] = [event.stream, event.position];
  }

  #begins(key: string, { stream, revision }: StoredEvent, { plan }: Entry): void {
    const expected = planOf(plan).find(([name]) => name === stream)?.[1];
    if (expected !== undefined && !fits(expected, revision)) this.complaints.push(`${key} expected ${stream} at ${expected} and begins there at revision ${revision}`);
  }

  /** When all is said and found; what is worst stands first. */
  close(): readonly string[] {
    const entries = [...this.#entries];
    const lost = entries.filter(([, { acknowledgedAt, count }]) => acknowledgedAt !== undefined && count === 0).map(([key]) => `${key} was acknowledged and is missing`);
    return [...lost, ...entries.flatMap(([key, entry]) => aboutAppend(key, entry)), ...this.complaints];
  }
}

const planOf = (plan: string): Attempt['streams'] => JSON.parse(plan) as Attempt['streams'];

const fits = (expected: ExpectedRevision, first: number): boolean => expected === 'any' || first === (expected === 'none' ? 0 : expected + 1);

const aboutAppend = (key: string, { acknowledgedAt, refused, count, plan, found, digest, lastPosition }: Entry): string[] => {
  const complaints: string[] = [];
  if (acknowledgedAt !== undefined && refused) complaints.push(`${key} was acknowledged once and refused once`);
  if (count === 0) return complaints;
  if (refused && acknowledgedAt === undefined) complaints.push(`${key} was refused and is there`);
  const given = planOf(plan).reduce((sum, [, , events]) => sum + events, 0);
  if (count < given) complaints.push(`${key} is there in part: ${count} of ${given} events`);
  else if (count > given) complaints.push(`${key} is there more than once: ${count} events for ${given}`);
  else if (found !== digest) complaints.push(`${key} is not what was given, or not in this order`);
  if (acknowledgedAt !== undefined && acknowledgedAt !== lastPosition) complaints.push(`${key} was acknowledged at "${acknowledgedAt}" and is at ${lastPosition}`);
  return complaints;
};
