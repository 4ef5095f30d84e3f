import { setTimeout as sleep } from 'node:timers/promises';
import { FollowerCheckpoint } from './checkpoint.js';
import { type EventBatch, type EventStore, keyOf, type Position, START, type StoredEvent } from './event-store.port.js';
import { isAway } from './failures.js';
import { FollowerLoop, type FollowOptions, type Work } from './follower.loop.js';
import type { Tenure } from './lease.js';
import { parkedEvents, type ParkedEvents, reasonOf, waitsBehind } from './parked.js';
import type { Elsewhere } from './trailing.js';
import type { Views } from './views.port.js';

/** What reads the log and does something about it: a publisher, a workflow. What folds events into documents is a `Projection`. */
export interface Follower {
  /** Names its checkpoint. */
  readonly name: string;
  readonly categories: readonly string[];
  /** At least once, so it must be idempotent. When it throws three times the event is parked, unless what it needs is only `busy`. */
  readonly handle: (event: StoredEvent) => Promise<void> | void;
  /** Before the checkpoint moves: sends what `handle` has gathered. */
  readonly flush?: () => Promise<void>;
  /** Before the first event, and whenever it begins again from its checkpoint: lets go of what was gathered and not sent. */
  readonly begin?: () => void;
}

export interface FollowDeps {
  readonly store: Pick<EventStore, 'subscribe' | 'read'>;
  readonly views: Views;
  /** The same log, for those who look at no content. Where it is given, of several processes that fold the same views one does. */
  readonly closed?: Pick<EventStore, 'subscribe'>;
}

const defaultDelays = [20, 200];

export const follow = (deps: FollowDeps, follower: Follower, options: FollowOptions = {}): FollowerLoop => {
  const work = new EachEvent(deps, follower, options.retryDelays ?? defaultDelays, (message, error) => loop.report(message, error));
  const loop: FollowerLoop = new FollowerLoop(work, { ...options, name: follower.name, categories: follower.categories, store: deps.store });
  return loop;
};

/** Who stands by for a lease goes by the checkpoint of who has it. Without one nobody does, and what comes again after a crash changes nothing. */
const leasedCheckpointMs = 100;
const checkpointMs = 5000;

/** All followers of a process write their checkpoints at the same moments, so that they share a commit. */
const untilNext = (everyMs: number): number => everyMs - (Date.now() % everyMs);

/** One event after the other. The checkpoint follows a moment later: what a crash lets come again is not much. */
class EachEvent implements Work {
  #parked: ParkedEvents | undefined;
  #tenure: Tenure | undefined;
  #checkpoint: FollowerCheckpoint | undefined;
  /** Handled, and not in the checkpoint yet. */
  #reached: Position | undefined;
  #timer: NodeJS.Timeout | undefined;
  #moving: Promise<void> = Promise.resolve();
  #lastError = 'unknown';

  constructor(
    private readonly deps: FollowDeps,
    private readonly follower: Follower,
    private readonly retryDelays: readonly number[],
    private readonly report: (message: string, error: unknown) => void,
  ) {}

  get parkedCount(): number {
    return this.#parked?.count ?? 0;
  }

  async begin(tenure: Tenure | undefined): Promise<Position> {
    this.follower.begin?.();
    if (tenure === this.#tenure) await this.#moveCheckpoint(); // what came in before the subscription broke
    this.#reached = undefined;
    this.#tenure = tenure;
    this.#checkpoint = await FollowerCheckpoint.open(this.deps.views, this.follower.name, tenure);
    const position = await this.#checkpoint.begin();
    this.#parked = await parkedEvents(this.deps.views, this.follower.name);
    return position;
  }

  async elsewhere(): Promise<Elsewhere> {
    const position = await (await FollowerCheckpoint.open(this.deps.views, this.follower.name)).position();
    return { position, sign: position };
  }

  async take({ events, position }: EventBatch, signal: AbortSignal): Promise<Position> {
    for (const event of events) {
      if (!this.#mayAct(signal)) return START; // what was not handled comes again after the restart, or to the process that may act now
      await this.#handleOne(event);
    }
    if (!this.#mayAct(signal)) return START;
    await this.follower.flush?.();
    if (events.length > 0) this.#moveSoon(position);
    return position;
  }

  async end(): Promise<void> {
    await this.#moveCheckpoint();
  }

  async retryParked(key: string | undefined): Promise<number> {
    const attempt = async (event: StoredEvent): Promise<boolean> => {
      if (this.#tenure?.holds() === false || !(await this.#attempt(event))) return false;
      await this.follower.flush?.(); // what it gathered must be sent before the event counts as no longer parked
      return true;
    };
    return (await this.#parked?.retry(this.deps.store, attempt, key)) ?? 0;
  }

  #mayAct(signal: AbortSignal): boolean {
    return !signal.aborted && this.#tenure?.holds() !== false;
  }

  #moveSoon(position: Position): void {
    this.#reached = position;
    const dueMs = untilNext(this.#tenure ? leasedCheckpointMs : checkpointMs);
    this.#timer ??= setTimeout(() => void this.#moveCheckpoint().catch((error: unknown) => this.report('The checkpoint could not be written', error)), dueMs).unref();
  }

  /** One write after the other: none may overtake a later one. */
  #moveCheckpoint(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#moving = this.#moving.catch(() => undefined).then(() => this.#writeCheckpoint()));
  }

  async #writeCheckpoint(): Promise<void> {
    const position = this.#reached;
    if (position === undefined) return;
    await this.#checkpoint?.move(position);
    if (this.#reached === position) this.#reached = undefined;
  }

  async #handleOne(event: StoredEvent): Promise<void> {
    if (this.#parked?.holds(keyOf(event.stream))) return this.#parked.add(event, waitsBehind);
    if (await this.#attempt(event)) return;
    await this.#parked?.add(event, this.#lastError);
  }

  async #attempt(event: StoredEvent): Promise<boolean> {
    for (const delay of [...this.retryDelays, undefined]) {
      try {
        await this.follower.handle(event);
        return true;
      } catch (error) {
        this.#lastError = reasonOf(error);
        this.report(`Event ${event.id} (${event.type}) failed`, error);
        if (delay === undefined && isAway(error)) throw error; // nothing is wrong with the event: it comes again with its batch, after a wait
        if (delay === undefined) return false;
        await sleep(delay, undefined, { ref: false });
      }
    }
    return false;
  }
}
