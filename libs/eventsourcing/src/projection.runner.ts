import { randomUUID } from 'node:crypto';
import { type Checkpoint, checkpointsView } from './checkpoint.js';
import { type EventBatch, keyOf, type Position, START, type StoredEvent } from './event-store.port.js';
import { FollowerLoop, type Following, type FollowOptions, type Work } from './follower.loop.js';
import type { FollowDeps } from './follower.js';
import { indexValues } from './page.js';
import { Overtaken } from './overtaken.js';
import { parkedEvents, type ParkedEvents, reasonOf, waitsBehind } from './parked.js';
import { DocumentsInHand } from './projection.documents.js';
import type { Projection } from './projection.js';
import type { Elsewhere } from './trailing.js';
import type { View } from './views.port.js';

export interface ProjectOptions extends FollowOptions {
  /** While history is read: how many documents are in hand at most, and for how long what has changed may wait. Unless told, a share of what all have. */
  readonly holdBack?: { readonly documents: number; readonly ms: number };
}

/** Of all projections of the process that read history, together: each has its share. */
const inHand = 60_000;
const holdBackMs = 20_000;
/** What is left in hand when there is too much. */
const kept = 0.75;
const maxAside = 100;
/** While history is read, what is in hand is settled seldom. */
const signMs = 2000;
/** The same position under another revision. */
const signed = (position: Position): string => `${position}/${randomUUID()}`;

const readingHistory = new Set<object>();

/** Runs a projection: documents are written before the checkpoint, so that nothing is missed, and guarded, so that nothing counts twice. */
export const runProjection = <T extends object>(deps: FollowDeps, projection: Projection<T>, options: ProjectOptions = {}): Following => {
  const work = new Projecting(deps, projection, options.holdBack, (message, error) => loop.report(message, error));
  const loop: FollowerLoop = new FollowerLoop(work, { ...options, name: projection.name, categories: projection.categories, store: deps.store, ...(deps.closed && { closed: deps.closed }) });
  return loop;
};

interface Aside {
  readonly event: StoredEvent;
  readonly reason: string;
  readonly document: string | undefined;
}

class Projecting<T extends object> implements Work {
  #documents!: DocumentsInHand<T>;
  #view!: View<T>;
  #checkpoints!: View<Checkpoint>;
  #parked: ParkedEvents | undefined;
  #checkpoint: string | null = null;
  /** Where everything before is in the view, and where the events have come to. */
  #settled: Position = START;
  #taken: Position = START;
  #settledAt = 0;
  #signedAt = 0;
  #tookEvents = false;
  #aside: Aside[] = [];
  /** Up to here each document is looked at after each event: what made a whole batch fail must be found. */
  #carefulUpTo: Position = START;
  #careful = false;

  constructor(
    private readonly deps: FollowDeps,
    private readonly projection: Projection<T>,
    private readonly holdBack: ProjectOptions['holdBack'],
    private readonly report: (message: string, error: unknown) => void,
  ) {}

  get parkedCount(): number {
    return (this.#parked?.count ?? 0) + this.#aside.length;
  }

  async begin(): Promise<Position> {
    const { views } = this.deps;
    this.#view = await views.open<T>(this.projection);
    this.#documents = new DocumentsInHand(this.#view);
    this.#checkpoints = await views.open(checkpointsView);
    this.#aside = [];
    this.#tookEvents = false;
    this.#parked = await parkedEvents(views, this.projection.name);
    const checkpoint = await this.#checkpoints.get(this.projection.name);
    this.#checkpoint = checkpoint?.revision ?? null;
    if (checkpoint) await this.#replaceCheckpoint(checkpoint.value.position, signed(checkpoint.value.position)); // whoever acted until now is overtaken
    this.#settledAt = this.#signedAt = performance.now();
    return (this.#settled = this.#taken = checkpoint?.value.position ?? START);
  }

  async elsewhere(): Promise<Elsewhere> {
    const { value, revision: sign = '' } = (await this.#checkpoints.get(this.projection.name)) ?? {};
    return { position: value?.position ?? START, sign };
  }

  async take({ events, position, caughtUp }: EventBatch): Promise<Position> {
    try {
      this.#careful = this.#taken < this.#carefulUpTo;
      const ids = events.map((event) => this.#idOf(event));
      await this.#documents.load(ids);
      for (let n = 0; n < events.length; n++) {
        const forgetting = this.#foldOne(events[n]!, ids[n]);
        if (forgetting) await forgetting; // rare: no promise for the others
      }
      this.#taken = position;
      this.#tookEvents ||= events.length > 0;
      if (caughtUp) this.left();
      else readingHistory.add(this);
      if (caughtUp || this.#isDue()) await this.#settle(caughtUp);
      else if (this.#documents.count > this.#most) await this.#settleSome();
      if (performance.now() - this.#signedAt >= signMs) await this.#replaceCheckpoint(this.#settled, signed(this.#settled)); // who trails sees that this one lives
      return this.#settled;
    } catch (error) {
      if (error instanceof Overtaken) this.#documents = new DocumentsInHand(this.#view); // out of date, and for as long as the other goes first of no use
      else if (position > this.#carefulUpTo) this.#carefulUpTo = position;
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.#settle(true);
  }

  left(): void {
    readingHistory.delete(this);
  }

  async retryParked(key: string | undefined): Promise<number> {
    await this.#settle(false);
    this.#careful = true;
    return (await this.#parked?.retry(this.deps.store, (event) => this.#again(event), key)) ?? 0;
  }

  async #again(event: StoredEvent): Promise<boolean> {
    await this.#documents.load([this.#idOf(event)]);
    try {
      await this.#apply(event, this.projection.document(event));
    } catch (error) {
      if (error instanceof Overtaken) throw error;
      this.report(`Event ${event.id} (${event.type}) failed again`, error);
      return false;
    }
    await this.#documents.write(); // before it counts as no longer parked
    return true;
  }

  /** Documents in hand. */
  get #most(): number {
    return this.holdBack?.documents ?? inHand / readingHistory.size;
  }

  #isDue(): boolean {
    return this.#aside.length >= maxAside || performance.now() - this.#settledAt >= (this.holdBack?.ms ?? holdBackMs);
  }

  #foldOne(event: StoredEvent, document: string | undefined): Promise<void> | undefined {
    try {
      if (document === undefined) this.projection.document(event); // throws again when that is why there is none
      if (!this.#mustWait(event, document)) return this.#apply(event, document);
      this.#aside.push({ event, reason: waitsBehind, document });
    } catch (error) {
      this.#setAside(event, error, document);
    }
    return undefined;
  }

  #apply(event: StoredEvent, document: string | undefined): Promise<void> | undefined {
    const forgotten = this.projection.forgets?.(event);
    if (forgotten) return this.#forget(event, forgotten);
    if (document !== undefined) this.#documents.fold(document, event.position, this.#taken, (current) => this.#next(current, event));
    return undefined;
  }

  #next(current: T | undefined, event: StoredEvent): T | undefined {
    const value = this.projection.next(current, event);
    if (this.#careful && value !== undefined) mustBeWritable(this.projection, value);
    return value;
  }

  /** A fold is pure, so trying again at once would change nothing. */
  #setAside(event: StoredEvent, error: unknown, document: string | undefined): void {
    this.report(`Event ${event.id} (${event.type}) failed`, error);
    this.#aside.push({ event, reason: reasonOf(error), document });
  }

  /** Behind a parked event of the same customer, or of the same document: applied before it, this one would hide it for ever. */
  #mustWait({ stream }: StoredEvent, document: string | undefined): boolean {
    if (this.#aside.length > 0 && this.#aside.some((one) => keyOf(one.event.stream) === keyOf(stream) || (document !== undefined && one.document === document))) return true;
    return this.#parked !== undefined && this.#parked.count > 0 && this.#parked.holds(keyOf(stream), document);
  }

  #idOf(event: StoredEvent): string | undefined {
    try {
      return this.projection.document(event);
    } catch {
      return undefined; // told when its turn comes
    }
  }

  /** What is in hand may bear the index value as well, so it goes to the view first. What came after the event stays. */
  async #forget({ position }: StoredEvent, { index, value }: { readonly index: string; readonly value: string }): Promise<void> {
    await this.#documents.write();
    for (let cursor: string | undefined, more = true; more; ) {
      const { documents, next } = await this.#view.find(index, value, { limit: 500, ...(cursor !== undefined && { cursor }) });
      const before = documents.filter(({ revision }) => revision < position);
      const conflicts = await this.#view.write(before.map(({ id, revision }) => ({ id, value: undefined, revision: position, replaces: revision })));
      if (conflicts.length > 0) throw new Overtaken('Documents that are to be forgotten were changed by somebody else');
      for (const { id } of before) this.#documents.gone(id);
      cursor = next;
      more = next !== undefined;
    }
  }

  async #settle(all: boolean): Promise<void> {
    await this.#documents.write();
    if (this.#aside.length > 0) await this.#mustAct(); // nothing guards what is parked
    for (const { event, reason, document } of this.#aside) await this.#parked?.add(event, reason, document);
    this.#aside = [];
    if (this.#tookEvents) await this.#moveCheckpoint(this.#taken);
    if (all) await this.#documents.release(0);
    this.#settled = this.#taken;
    this.#settledAt = performance.now();
    this.#tookEvents = false;
  }

  /** What comes back soon is not written each time: those that wait for nothing go, and everything is settled up to what is still in hand. */
  async #settleSome(): Promise<void> {
    if (this.#aside.length > 0) return this.#settle(false);
    await this.#documents.release(Math.floor(this.#most * kept));
    const position = this.#documents.writtenUpTo(this.#taken);
    if (position > this.#settled) await this.#moveCheckpoint(position);
    this.#settled = position;
  }

  #moveCheckpoint(position: Position): Promise<void> {
    return this.#replaceCheckpoint(position, position);
  }

  async #replaceCheckpoint(position: Position, revision: string): Promise<void> {
    const conflicts = await this.#checkpoints.write([{ id: this.projection.name, value: { position }, revision, replaces: this.#checkpoint }]);
    if (conflicts.length > 0) throw new Overtaken('The checkpoint was moved by somebody else');
    this.#checkpoint = revision;
    this.#signedAt = performance.now();
  }

  async #mustAct(): Promise<void> {
    const { revision = null } = (await this.#checkpoints.get(this.projection.name)) ?? {};
    if (revision !== this.#checkpoint) throw new Overtaken('Another process folds this view');
  }
}

/** What an adapter does with a document before it writes it, so that what cannot be written is known by its event. */
const mustBeWritable = <T extends object>({ indexes = {} }: Projection<T>, value: T): void => {
  JSON.stringify(value);
  for (const index of Object.values(indexes)) indexValues(index, value);
};
