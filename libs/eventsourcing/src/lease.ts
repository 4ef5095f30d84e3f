import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bell } from './bell.js';
import { type View, ViewConflict, type Views } from './views.port.js';

export interface LeaseDocument {
  /** Counts up with every owner. */
  readonly fence: number;
  /** `null`: given up, and free to be taken. */
  readonly owner: string | null;
}

export const leasesView = { name: 'leases@1' };

export interface LeaseOptions {
  /** Names this process. Where it is the name of one that died, that one’s lease is taken at once, so no two may live under one name. */
  readonly owner: string;
  /** After so many milliseconds without a renewal somebody else takes it. */
  readonly ttlMs?: number;
  readonly renewMs?: number;
  /** How often those look who stand by. */
  readonly lookMs?: number;
  /** Milliseconds that only ever go on; those of this process unless told. */
  readonly steady?: () => number;
  /** Told of a store that cannot be reached. */
  readonly onError?: (message: string, error: unknown) => void;
}

/** The right to act, from when it was granted until it is over. */
export interface Tenure {
  /** Higher than that of everybody before. What is written with it refuses those. */
  readonly fence: number;
  readonly over: AbortSignal;
  /** To be asked right before each effect: a process that was paused learns here that its time is over. */
  holds(): boolean;
  /** Somebody with a higher fence has been met. */
  end(): void;
}

/** The owner ceases to act by so much of the time before anybody else may begin. */
const margin = 1 / 6;

/**
 * One of several processes may act at a time; the others stand by. All of it rests on guarded puts, so any store of views will do.
 *
 * No clock is compared with another machine's. Who stands by takes over once it has seen the same revision for the whole time on its
 * own clock, and by then the owner, counting from before its last renewal, has ceased to act.
 */
export class Lease {
  readonly #closing = new AbortController();
  readonly #bell = new Bell();
  readonly #times: { readonly ttlMs: number; readonly renewMs: number; readonly lookMs: number };
  readonly #steady: () => number;
  readonly #running: Promise<void>;
  /** How often this process took it. */
  takenCount = 0;
  #view: View<LeaseDocument> | undefined;
  #mine: Held | undefined;
  #ownFence = 0;
  #seen: { readonly revision: string; readonly at: number } | undefined;
  #owner: string | null | undefined;

  constructor(
    private readonly views: Pick<Views, 'open'>,
    readonly name: string,
    private readonly options: LeaseOptions,
  ) {
    const { ttlMs = 6000, renewMs = 2000, lookMs = 500, steady = () => performance.now() } = options;
    this.#times = { ttlMs, renewMs, lookMs };
    this.#steady = steady;
    this.#running = this.#run();
  }

  get tenure(): Tenure | undefined {
    return this.#mine?.holds() ? this.#mine : undefined;
  }

  /** Who acts, as far as this process has seen. */
  get owner(): string | undefined {
    return (this.tenure ? this.options.owner : this.#owner) ?? undefined;
  }

  /** `undefined` when it was not granted within `ms` milliseconds, or `signal` has aborted. Never rejects. */
  async granted(signal: AbortSignal, ms: number): Promise<Tenure | undefined> {
    if (!this.tenure) await this.#bell.wait(AbortSignal.any([signal, AbortSignal.timeout(ms)]));
    return signal.aborted ? undefined : this.tenure;
  }

  /** Given up at once, for whoever stands by. What it guarded must have stopped before. */
  async release(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#view ??= await this.views.open<LeaseDocument>(leasesView);
        const mine = await this.#take(this.#view);
        if (mine) await this.#keep(this.#view, mine);
        else await pause(this.#times.lookMs, signal);
      } catch (error) {
        this.options.onError?.(`The lease ${this.name} could not be looked at`, error);
        await pause(this.#times.lookMs, signal);
      }
    }
  }

  async #take(view: View<LeaseDocument>): Promise<Held | undefined> {
    const lookedAt = this.#steady();
    const found = await view.get(this.name);
    this.#owner = found?.value.owner;
    if (found && !this.#isFree(found.value, found.revision, lookedAt)) return undefined;
    const mine = new Held((found?.value.fence ?? 0) + 1, this.#times.ttlMs * (1 - margin), this.#steady);
    try {
      await this.#put(view, mine, this.options.owner, found?.revision ?? null);
    } catch (error) {
      if (error instanceof ViewConflict) return undefined; // another one was quicker
      throw error;
    }
    this.#ownFence = mine.fence;
    this.#mine = mine;
    this.takenCount++;
    this.#bell.ring();
    return mine;
  }

  #isFree({ owner, fence }: LeaseDocument, revision: string, lookedAt: number): boolean {
    const first = this.#seen === undefined && this.#ownFence === 0;
    if (owner === null || fence === this.#ownFence || (first && owner === this.options.owner)) return true;
    if (this.#seen?.revision !== revision) this.#seen = { revision, at: this.#steady() };
    return lookedAt - this.#seen.at >= this.#times.ttlMs;
  }

  async #keep(view: View<LeaseDocument>, mine: Held): Promise<void> {
    const { signal } = this.#closing;
    const woken = AbortSignal.any([signal, mine.over]);
    while (mine.holds()) {
      await pause(this.#times.renewMs, woken);
      if (!mine.holds()) return;
      await this.#renew(view, mine, signal.aborted ? null : this.options.owner).catch((error: unknown) =>
        this.options.onError?.(`The lease ${this.name} could not be renewed`, error),
      );
      if (signal.aborted) return mine.end();
    }
  }

  async #renew(view: View<LeaseDocument>, mine: Held, owner: string | null): Promise<void> {
    try {
      await this.#put(view, mine, owner, mine.revision);
    } catch (error) {
      if (!(error instanceof ViewConflict)) throw error;
      const found = await view.get(this.name);
      if (found?.value.fence !== mine.fence) return mine.end();
      mine.revision = found.revision; // a put whose answer was lost had been done all the same
    }
  }

  async #put(view: View<LeaseDocument>, mine: Held, owner: string | null, replaces: string | null): Promise<void> {
    const begun = mine.now();
    const revision = randomUUID();
    await view.put(this.name, { fence: mine.fence, owner }, { revision, replaces });
    mine.renewed(revision, begun);
  }
}

interface Moment {
  readonly steady: number;
  readonly wall: number;
}

class Held implements Tenure {
  revision = '';
  readonly #over = new AbortController();
  #since: Moment;

  constructor(
    readonly fence: number,
    private readonly ms: number,
    private readonly steady: () => number,
  ) {
    this.#since = this.now();
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** One clock stands still while a machine sleeps, the other may be set. Whichever says that time is over is believed. */
  now(): Moment {
    return { steady: this.steady(), wall: Date.now() };
  }

  holds(): boolean {
    const { steady, wall } = this.now();
    if (steady - this.#since.steady > this.ms || wall - this.#since.wall > this.ms) this.end();
    return !this.over.aborted;
  }

  renewed(revision: string, begun: Moment): void {
    this.revision = revision;
    this.#since = begun;
  }

  end(): void {
    this.#over.abort();
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { ref: false, signal }).catch(() => undefined);
