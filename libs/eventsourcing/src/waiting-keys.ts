import { randomUUID } from 'node:crypto';
import { openOnce } from './open-once.js';
import { type Document, type View, ViewConflict, type Views } from './views.port.js';

/** A key of a topic whose next message is in the retry topic, so that all later ones go there too. Ids only. */
export interface WaitingKey {
  readonly topic: string;
  readonly key: string;
  /** How often the first of its messages was tried there. */
  readonly attempts: number;
  /** ISO 8601 UTC. */
  readonly dueAt: string;
  readonly reason: string;
  readonly since: string;
  /** Who tries its messages at this moment, until it is due again. */
  readonly claim?: string;
}

type Kept = Document<WaitingKey>;

const defaultClaimMs = 60_000;

const instant = (ms: number): string => new Date(ms).toISOString();

/**
 * Which keys wait, kept in a view that all members of a group share. Every change is guarded by the revision, so that a key is
 * never let go while a message is on its way to it.
 */
export class WaitingKeys {
  #view: (() => Promise<View<WaitingKey>>) | undefined;
  readonly #member = randomUUID();
  #look: Promise<boolean> | undefined;

  constructor(
    private readonly views: Views,
    readonly group: string,
    private readonly claimMs = defaultClaimMs,
  ) {}

  async holds(topic: string, key: string): Promise<boolean> {
    if (!(await this.#anyWaits())) return false; // mostly so, and one look serves all who ask at the moment
    return (await (await this.#open()).get(idOf(topic, key))) !== undefined;
  }

  /** After the message is in the retry topic. Of a key that waits already only the revision changes: whoever tries it looks again. */
  async add(topic: string, key: string, reason: string, inMs: number): Promise<void> {
    const now = Date.now();
    const fresh = { topic, key, attempts: 0, dueAt: instant(now + inMs), reason, since: instant(now) };
    await this.#change(idOf(topic, key), (before) => before ?? fresh);
  }

  /** After messages that go before all others of their key are in the retry topic: it begins anew, at once. */
  async begin(topic: string, key: string, reason: string): Promise<void> {
    const now = instant(Date.now());
    const fresh = { topic, key, attempts: 0, dueAt: now, reason, since: now };
    await this.#change(idOf(topic, key), (before) => (before?.claim ? before : fresh));
  }

  /** Those that are due, taken for a minute: nobody else tries them meanwhile. */
  async take(limit: number): Promise<readonly Kept[]> {
    const view = await this.#open();
    const { documents } = await view.find('due', { upTo: instant(Date.now()) }, { limit });
    const taken: Kept[] = [];
    for (const { id, value, revision } of documents) {
      const claimed = { ...value, claim: this.#member, dueAt: instant(Date.now() + this.claimMs) };
      const next = randomUUID();
      const [conflict] = await view.write([{ id, value: claimed, revision: next, replaces: revision }]);
      if (conflict === undefined) taken.push({ id, value: claimed, revision: next });
    }
    return taken;
  }

  isStillOurs({ value }: Kept): boolean {
    return value.dueAt > instant(Date.now());
  }

  async postpone({ id }: Kept, attempts: number, reason: string, inMs: number): Promise<void> {
    await this.#change(id, (now) => (now?.claim === this.#member ? unclaimed({ ...now, attempts, reason, dueAt: instant(Date.now() + inMs) }) : undefined));
  }

  /** It was not tried: somebody else may do so at once. */
  async giveBack(taken: Kept): Promise<void> {
    await this.postpone(taken, taken.value.attempts, taken.value.reason, 0);
  }

  /** All its messages are done. One that has come meanwhile is looked for again. */
  async release(taken: Kept): Promise<void> {
    const view = await this.#open();
    const [conflict] = await view.write([{ id: taken.id, value: undefined, revision: randomUUID(), replaces: taken.revision }]);
    if (conflict !== undefined) await this.postpone(taken, 0, taken.value.reason, 0);
  }

  async count(): Promise<number> {
    return (await this.#open()).count();
  }

  /** In milliseconds; `undefined` when none waits. */
  async untilNext(): Promise<number | undefined> {
    const [next] = (await (await this.#open()).find('due', { upTo: '9' }, { limit: 1 })).documents;
    return next && Math.max(0, Date.parse(next.value.dueAt) - Date.now());
  }

  /** Begun after everybody has asked who is told: what was added before somebody asks is never missed. */
  #anyWaits(): Promise<boolean> {
    return (this.#look ??= this.#open().then(async (view) => {
      this.#look = undefined;
      return (await view.find('due', { upTo: '9' }, { limit: 1 })).documents.length > 0;
    }));
  }

  /** `undefined` leaves it as it is. On disk when it resolves. */
  async #change(id: string, to: (now: WaitingKey | undefined) => WaitingKey | undefined): Promise<void> {
    const view = await this.#open();
    for (;;) {
      const now = await view.get(id);
      const next = to(now?.value);
      if (next === undefined) return;
      try {
        return await view.put(id, next, { replaces: now?.revision ?? null });
      } catch (error) {
        if (!(error instanceof ViewConflict)) throw error;
      }
    }
  }

  #open(): Promise<View<WaitingKey>> {
    return (this.#view ??= openOnce<WaitingKey>(this.views, { name: `waiting-${this.group}@1`, indexes: { due: ({ dueAt }) => dueAt } }))();
  }
}

const idOf = (topic: string, key: string): string => `${topic}/${key}`;

const unclaimed = ({ claim: _, ...key }: WaitingKey): WaitingKey => key;
