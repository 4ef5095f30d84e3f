import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Bell } from './bell.js';
import { type EventBatch, type EventStore, type Position, START, type StoredEvent, type SubscribeOptions } from './event-store.port.js';
import type { Lease, Tenure } from './lease.js';
import { Overtaken } from './overtaken.js';
import { reasonOf } from './parked.js';
import { type Elsewhere, trail } from './trailing.js';

export interface Following {
  readonly name: string;
  /** Everything up to here has been handled or parked. */
  readonly position: Position;
  /** History is through; stays true for as long as this process is the one that does the work. */
  readonly caughtUp: boolean;
  readonly parkedCount: number;
  /** Events that were taken since the start. */
  readonly takenCount: number;
  readonly lastError: string | undefined;
  /** Another process is the one that acts. `position` is as far as that one has written down. */
  readonly standsBy: boolean;
  /** How old the oldest event is that may not have been handled; 0 when nothing waits. */
  lagSeconds(now: Date): number;
  /** True once `position` is reached, false after `ms` milliseconds. */
  waitFor(position: Position, ms: number): Promise<boolean>;
  /** Tries the parked events again, in order per stream key; only those of one `key` when it is given. Gives how many went through. */
  retryParked(key?: string): Promise<number>;
  stop(): Promise<void>;
}

export interface FollowOptions {
  /** Milliseconds between the tries of one event, and before a broken subscription is taken up again. */
  readonly retryDelays?: readonly number[];
  /** Told of what went wrong; names the event by id, never its content. */
  readonly onError?: (message: string, error: unknown) => void;
  /** For what must be done by one process at a time. */
  readonly lease?: Lease;
  /** Stands around each batch that has events. `live`: they have just happened; otherwise history is read. */
  readonly around?: (events: readonly StoredEvent[], live: boolean, work: () => Promise<Position>) => Promise<Position>;
}

/** What is done with the events of a subscription, and how far it is done. */
export interface Work {
  readonly parkedCount: number;
  /** Takes up where it was: gives the position to go on from. */
  begin(tenure: Tenure | undefined): Promise<Position>;
  /** What another process has written down, which may act while this one stands by. */
  elsewhere?(): Promise<Elsewhere>;
  /** Gives how far everything is settled: up to the end of the batch, or less while something is held back. */
  take(batch: EventBatch, signal: AbortSignal): Promise<Position>;
  retryParked(key: string | undefined): Promise<number>;
  /** Settles what is held back, before a stop. */
  end?(): Promise<void>;
  /** The subscription is over, or broke. */
  left?(): void;
}

export interface LoopOptions extends FollowOptions {
  readonly name: string;
  readonly categories: readonly string[];
  readonly store: Pick<EventStore, 'subscribe'>;
  /** Given where the work of another process counts as well: the same log for those who open nothing. Who is overtaken lets the other go first. */
  readonly closed?: Pick<EventStore, 'subscribe'>;
}

/** How often a process that stands by looks how far the other is: seldom where nobody wants to know. */
const lookMs = 5000;
const firstLookMs = 500;
const lookForWaiterMs = 50;

const overtakenMs = 50;

/** Feeds one `Work` from the log for as long as the process lives; a subscription that breaks is taken up again. */
export class FollowerLoop implements Following {
  readonly name: string;
  position: Position = START;
  caughtUp = false;
  takenCount = 0;
  lastError: string | undefined;
  standsBy = false;
  #trails = false;
  /** Rung for who trails when somebody waits for a position, and when this one acts again. */
  readonly #urge = new Bell();
  #asked = new AbortController();
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #done: Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();
  #looking: Promise<void> | undefined;
  /** Aborts when what is under way has to end: at a stop, or when another process may act. */
  #ended: AbortSignal = this.#abort.signal;
  #failuresInRow = 0;
  /** When the oldest event was recorded that is in hand, or the last one that was handled while more is behind it. */
  #behindSince: string | undefined;

  constructor(
    private readonly work: Work,
    private readonly options: LoopOptions,
  ) {
    this.name = options.name;
    this.#done = this.#run();
  }

  get parkedCount(): number {
    return this.#trails ? 0 : this.work.parkedCount; // whoever acts knows
  }

  lagSeconds(now: Date): number {
    return this.#behindSince === undefined ? 0 : Math.max(0, now.getTime() - Date.parse(this.#behindSince)) / 1000;
  }

  async waitFor(position: Position, ms: number): Promise<boolean> {
    const deadline = Date.now() + ms;
    while (this.position < position) {
      const left = deadline - Date.now();
      if (left <= 0 || this.#abort.signal.aborted) return false;
      if (this.#trails) this.#urge.ring();
      else if (this.standsBy) await this.#look();
      if (this.position < position) await this.#moved(this.standsBy ? Math.min(left, lookForWaiterMs) : left);
    }
    return true;
  }

  async retryParked(key?: string): Promise<number> {
    await this.#actInstead();
    return this.#exclusively(() => this.work.retryParked(key));
  }

  /** Between two batches; none is taken before `work` has ended. `ended` aborts when it has to end early. */
  between<T>(work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    return this.#exclusively(() => work(this.#ended));
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const wake of this.#waiting) wake(); // who waits for this one learns now that it will not get there
    await this.#done;
    await this.#turn;
  }

  report(message: string, error: unknown): void {
    this.lastError = reasonOf(error);
    this.options.onError?.(`${this.name}: ${message}`, error);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const tenure = await this.#myTurn(signal);
      const ended = tenure ? AbortSignal.any([signal, tenure.over]) : signal;
      this.#ended = ended;
      try {
        if (!ended.aborted) await this.#follow(ended, tenure);
        if (!ended.aborted) throw new Error('The subscription ended'); // as that of a closed store does: asked at once, it would end again
      } catch (error) {
        if (ended.aborted && !signal.aborted) continue; // somebody else's turn: no fault
        if (this.options.closed && error instanceof Overtaken) {
          await this.#trail(this.options.closed, signal);
          continue;
        }
        this.report('The subscription broke', error);
        await sleep(this.#waitAfter(error), undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** Being overtaken is no fault, however often it happens in a row: what the other process has done counts for this one as soon as it begins again. */
  #waitAfter(error: unknown): number {
    return error instanceof Overtaken ? overtakenMs : Math.min(100 * 2 ** this.#failuresInRow++, 5000);
  }

  /** Waits until this process may act, and says meanwhile how far the other one is. */
  async #myTurn(signal: AbortSignal): Promise<Tenure | undefined> {
    const { lease } = this.options;
    if (!lease) return undefined;
    for (;;) {
      const tenure = await lease.granted(signal, this.standsBy ? lookMs : firstLookMs);
      this.standsBy = !tenure && !signal.aborted;
      if (tenure || signal.aborted) return tenure;
      this.caughtUp = false;
      this.#behindSince = undefined;
      await this.#look();
    }
  }

  /** How far the process is that acts; one look for all who want to know. */
  #look(): Promise<void> {
    return (this.#looking ??= this.#lookOnce().finally(() => (this.#looking = undefined)));
  }

  async #lookOnce(): Promise<void> {
    const there = await this.work.elsewhere?.().catch((error: unknown) => this.report('The checkpoint could not be read', error));
    if (there && this.standsBy) this.#reach(there.position);
  }

  async #follow(signal: AbortSignal, tenure: Tenure | undefined): Promise<void> {
    this.position = await this.work.begin(tenure);
    this.#trails = this.standsBy = false;
    this.#urge.ring();
    await this.retryParked();
    this.#reach(this.position);
    const { categories } = this.options;
    try {
      for await (const batch of this.options.store.subscribe({ after: this.position, categories, signal })) {
        this.#behindSince ??= batch.events[0]?.metadata.recordedAt;
        await this.#exclusively(() => this.#take(batch, signal));
        if (signal.aborted) break;
        if (!batch.caughtUp) await nextTurn(); // history must not keep the rest of the process from its turn
      }
      if (this.work.end) await this.#exclusively(() => this.work.end!());
    } finally {
      this.work.left?.();
    }
  }

  /** Another process is quicker: its work is only watched, until it does no more or this one is asked to act. */
  async #trail(closed: Pick<EventStore, 'subscribe'>, signal: AbortSignal): Promise<void> {
    this.#trails = this.standsBy = true;
    this.#asked = new AbortController();
    this.#behindSince = undefined;
    const watched = {
      subscribe: (options: SubscribeOptions) => closed.subscribe(options),
      after: this.position,
      categories: this.options.categories,
      elsewhere: () => this.work.elsewhere!(),
      hurries: () => this.#waiting.size > 0,
      urge: this.#urge,
      settled: ({ position, caughtUp }: EventBatch) => {
        this.caughtUp ||= caughtUp;
        this.#reach(position);
      },
    };
    await trail(watched, AbortSignal.any([signal, this.#asked.signal])).catch((error: unknown) => this.report('The subscription broke', error)); // acting meets the same, and waits
  }

  /** What is to be done here by somebody who is asked for it. The other process is overtaken by it, and trails. */
  async #actInstead(): Promise<void> {
    while (this.#trails && !this.#abort.signal.aborted) {
      this.#asked.abort();
      await this.#urge.wait(AbortSignal.any([this.#abort.signal, AbortSignal.timeout(lookForWaiterMs)]));
    }
  }

  async #take(batch: EventBatch, signal: AbortSignal): Promise<void> {
    const settled = await this.#watched(batch, () => this.work.take(batch, signal));
    if (signal.aborted) return;
    this.takenCount += batch.events.length;
    this.#behindSince = batch.caughtUp ? undefined : (batch.events.at(-1)?.metadata.recordedAt ?? this.#behindSince);
    this.#failuresInRow = 0;
    this.caughtUp ||= batch.caughtUp;
    this.#reach(settled);
  }

  #watched({ events, caughtUp }: EventBatch, work: () => Promise<Position>): Promise<Position> {
    const { around } = this.options;
    return around && events.length > 0 ? around(events, caughtUp || this.caughtUp, work) : work();
  }

  #reach(position: Position): void {
    this.position = position;
    for (const wake of this.#waiting) wake();
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
