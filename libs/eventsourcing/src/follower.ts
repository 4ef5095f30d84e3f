import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@kendt/kernel';
import { type EventBatch, type EventStore, keyOf, type Position, START, type StoredEvent } from './event-store.port.js';
import { parkedEvents, type ParkedEvents } from './parked.js';
import type { View, Views } from './views.port.js';

/** What reads the log and does something about it: a projection, a publisher, a workflow. */
export interface Follower {
  /** Names its checkpoint; a projection adds its version: `customers@1`. */
  readonly name: string;
  readonly categories: readonly string[];
  /** At least once, so it must be idempotent. When it throws three times the event is parked. */
  readonly handle: (event: StoredEvent) => Promise<void>;
  /** Before the checkpoint moves: sends what `handle` has gathered. */
  readonly flush?: () => Promise<void>;
}

export interface Following {
  readonly name: string;
  /** Everything up to here has been handled or parked. */
  readonly position: Position;
  /** History is through; stays true from then on. */
  readonly caughtUp: boolean;
  readonly parkedCount: number;
  readonly lastError: string | undefined;
  /** True once `position` is reached, false after `ms` milliseconds. */
  waitFor(position: Position, ms: number): Promise<boolean>;
  /** Tries the parked events again, in order per stream key. Gives how many went through. */
  retryParked(): Promise<number>;
  stop(): Promise<void>;
}

export interface FollowDeps {
  readonly store: Pick<EventStore, 'subscribe' | 'read'>;
  readonly views: Views;
}

export interface FollowOptions {
  /** Milliseconds between the tries of one event, and before a broken subscription is taken up again. */
  readonly retryDelays?: readonly number[];
  /** Told of what went wrong; names the event by id, never its content. */
  readonly onError?: (message: string, error: unknown) => void;
}

interface Checkpoint {
  readonly position: Position;
}

const checkpoints = { name: 'checkpoints@1' };
const defaultDelays = [20, 200];

export const follow = (deps: FollowDeps, follower: Follower, options: FollowOptions = {}): Following => new RunningFollower(deps, follower, options);

class RunningFollower implements Following {
  readonly name: string;
  position: Position = START;
  caughtUp = false;
  lastError: string | undefined;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #done: Promise<void>;
  #parked: ParkedEvents | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #failuresInRow = 0;

  constructor(
    private readonly deps: FollowDeps,
    private readonly follower: Follower,
    private readonly options: FollowOptions,
  ) {
    this.name = follower.name;
    this.#done = this.#run();
  }

  get parkedCount(): number {
    return this.#parked?.count ?? 0;
  }

  async waitFor(position: Position, ms: number): Promise<boolean> {
    const deadline = Date.now() + ms;
    while (this.position < position) {
      const left = deadline - Date.now();
      if (left <= 0 || this.#abort.signal.aborted) return false;
      await this.#moved(left);
    }
    return true;
  }

  async retryParked(): Promise<number> {
    const attempt = async (event: StoredEvent): Promise<boolean> => {
      if (!(await this.#attempt(event))) return false;
      await this.follower.flush?.(); // what it gathered must be sent before the event counts as no longer parked
      return true;
    };
    return this.#exclusively(async () => (await this.#parked?.retry(this.deps.store, attempt)) ?? 0);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const wake of this.#waiting) wake(); // who waits for this one learns now that it will not get there
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        this.#report('The subscription broke', error);
        const delay = Math.min(100 * 2 ** this.#failuresInRow++, 5000);
        await sleep(delay, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const view = await this.deps.views.open<Checkpoint>(checkpoints);
    this.#parked = await parkedEvents(this.deps.views, this.name);
    this.position = (await view.get(this.name))?.value.position ?? START;
    await this.retryParked();
    for await (const batch of this.deps.store.subscribe({ after: this.position, categories: this.follower.categories, signal })) {
      await this.#exclusively(() => this.#handleBatch(batch, view));
      if (signal.aborted) return;
    }
  }

  async #handleBatch(batch: EventBatch, view: View<Checkpoint>): Promise<void> {
    for (const event of batch.events) {
      if (this.#abort.signal.aborted) return; // what was not handled comes again after the restart
      await this.#handleOne(event);
    }
    await this.follower.flush?.();
    if (batch.events.length > 0) await view.put(this.name, { position: batch.position }, { revision: batch.position });
    this.#failuresInRow = 0;
    this.position = batch.position;
    this.caughtUp ||= batch.caughtUp;
    for (const wake of this.#waiting) wake();
  }

  async #handleOne(event: StoredEvent): Promise<void> {
    const parked = this.#parked;
    if (parked?.holds(keyOf(event.stream))) return parked.add(event, 'WAITS_BEHIND');
    if (await this.#attempt(event)) return;
    await parked?.add(event, this.lastError ?? 'unknown');
  }

  async #attempt(event: StoredEvent): Promise<boolean> {
    for (const delay of [...(this.options.retryDelays ?? defaultDelays), undefined]) {
      try {
        await this.follower.handle(event);
        return true;
      } catch (error) {
        this.#report(`Event ${event.id} (${event.type}) failed`, error);
        if (delay === undefined) return false;
        await sleep(delay, undefined, { ref: false });
      }
    }
    return false;
  }

  #report(message: string, error: unknown): void {
    this.lastError = error instanceof Refusal ? error.code : error instanceof Error ? error.name : 'unknown';
    this.options.onError?.(`${this.name}: ${message}`, error);
  }

  /** Batches and retries of parked events never run at the same time: order per stream key depends on it. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #moved(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }
}
