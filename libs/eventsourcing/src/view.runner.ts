import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@kendt/kernel';
import type { Position } from './event-store.port.js';
import type { FollowDeps } from './follower.js';
import type { Following } from './follower.loop.js';
import { type Comparison, compareViews } from './projection.compare.js';
import { GenerationsOf } from './projection.generations.js';
import type { Projection } from './projection.js';
import { type ProjectOptions, runProjection } from './projection.runner.js';
import type { ReadView, View } from './views.port.js';

interface Generation<T extends object> {
  readonly number: number;
  readonly view: View<T>;
  readonly following: Following;
}

export interface Rebuild {
  readonly state: 'building' | 'comparing' | 'switched' | 'different' | 'failed' | 'stopped';
  /** The view that is built. */
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly comparison?: Comparison;
}

export interface RebuildOptions {
  /** Do not switch when the documents are not the same. */
  readonly unlessDifferent?: boolean;
}

export interface ViewState {
  readonly name: string;
  readonly generation: number;
  readonly active: boolean;
  readonly building: boolean;
  readonly documents: number;
  readonly following: Following;
}

const pollMs = 20;

/**
 * A view with all its generations: one is read, each follows the log by itself. Itself a {@link Following}, as far as what is
 * read has come.
 */
export class RunningView<T extends object> implements Following {
  readonly name: string;
  /** Where another process folds this one answers all the same, and does what is asked of it. */
  readonly standsBy = false;
  rebuilding: Rebuild | undefined;
  readonly #generations = new Map<number, Generation<T>>();
  #active!: Generation<T>;
  readonly #stop = new AbortController();
  #rebuild: Promise<void> = Promise.resolve();

  private constructor(
    private readonly deps: FollowDeps,
    private readonly projection: Projection<T>,
    private readonly kept: GenerationsOf,
    private readonly options: ProjectOptions,
  ) {
    this.name = projection.name;
  }

  /** What a crash cut short goes on: a generation that was being built is built to its end. */
  static async start<T extends object>(deps: FollowDeps, projection: Projection<T>, options: ProjectOptions = {}): Promise<RunningView<T>> {
    const kept = await GenerationsOf.open(deps.views, projection.name);
    await kept.sweep();
    const running = new RunningView(deps, projection, kept, options);
    for (const number of kept.current.all) await running.#follow(number);
    running.#active = running.#generations.get(kept.current.active)!;
    if (kept.current.building !== undefined) running.#beginRebuild(kept.current.building, {});
    return running;
  }

  get view(): ReadView<T> {
    return this.#active.view;
  }

  /** What is being built to become the one that is read. */
  get building(): Following | undefined {
    const { building } = this.kept.current;
    return building === undefined ? undefined : this.#generations.get(building)?.following;
  }

  /** The build that is read. */
  get activeName(): string {
    return this.#active.following.name;
  }

  get position(): Position {
    return this.#active.following.position;
  }

  get caughtUp(): boolean {
    return this.#active.following.caughtUp;
  }

  get parkedCount(): number {
    return this.#active.following.parkedCount;
  }

  get takenCount(): number {
    return this.#active.following.takenCount;
  }

  get lastError(): string | undefined {
    return this.#active.following.lastError;
  }

  lagSeconds(now: Date): number {
    return this.#active.following.lagSeconds(now);
  }

  async waitFor(position: Position, ms: number): Promise<boolean> {
    const deadline = Date.now() + ms;
    for (;;) {
      const active = this.#active;
      const reached = await active.following.waitFor(position, Math.max(0, deadline - Date.now()));
      if (active === this.#active) return reached; // otherwise readers look at another generation by now
    }
  }

  async retryParked(key?: string): Promise<number> {
    let through = 0;
    for (const { following } of this.#generations.values()) through += await following.retryParked(key);
    return through;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#generations.values()].map(({ following }) => following.stop()));
    await this.#rebuild;
  }

  async states(): Promise<ViewState[]> {
    const { active, building } = this.kept.current;
    return Promise.all(
      [...this.#generations.values()].map(async ({ number, view, following }) => ({
        name: following.name, generation: number, active: number === active, building: number === building, documents: await view.count(), following,
      })),
    );
  }

  /** Resolves once the build has begun; how it goes is told by `rebuilding`. @throws Refusal REBUILD_RUNNING */
  async rebuild(options: RebuildOptions = {}): Promise<Rebuild> {
    if (this.kept.current.building !== undefined) throw new Refusal('REBUILD_RUNNING', `${this.name} is being rebuilt already`);
    const number = await this.kept.begin();
    await this.#follow(number);
    return this.#beginRebuild(number, options);
  }

  /** The latest other generation, or the one named, with the one that is read. @throws Refusal VIEW_UNKNOWN */
  async compare(name?: string): Promise<Comparison> {
    const other = [...this.#generations.values()].reverse().find((one) => (name === undefined || name === this.name ? one !== this.#active : one.following.name === name));
    if (!other || other === this.#active) throw new Refusal('VIEW_UNKNOWN', `There is no other build of ${this.name} to compare with`, 'not-found');
    return this.#compare(other);
  }

  /** @throws Refusal VIEW_IN_USE, VIEW_UNKNOWN */
  async drop(name: string): Promise<void> {
    const generation = [...this.#generations.values()].find(({ following }) => following.name === name);
    if (!generation) throw new Refusal('VIEW_UNKNOWN', `There is no view called ${name}`, 'not-found');
    if (generation === this.#active) throw new Refusal('VIEW_IN_USE', `${name} is being read: rebuild it first, then drop the old build`);
    this.#generations.delete(generation.number);
    await generation.following.stop();
    await this.kept.drop(generation.number);
  }

  async #follow(number: number): Promise<void> {
    const projection = { ...this.projection, name: this.kept.name(number) };
    const view = await this.deps.views.open<T>(projection);
    this.#generations.set(number, { number, view, following: runProjection(this.deps, projection, this.options) });
  }

  #beginRebuild(number: number, options: RebuildOptions): Rebuild {
    const begun: Rebuild = { state: 'building', name: this.kept.name(number), startedAt: new Date().toISOString() };
    this.rebuilding = begun;
    this.#rebuild = this.#build(number, options).catch((error: unknown) => {
      this.options.onError?.(`${this.name}: The rebuild broke`, error);
      this.#say({ state: 'failed' });
    });
    return begun;
  }

  async #build(number: number, { unlessDifferent }: RebuildOptions): Promise<void> {
    const next = this.#generations.get(number)!;
    if (!(await this.#until(next, () => next.following.caughtUp))) return this.#say({ state: 'stopped' });
    this.#say({ state: 'comparing' });
    const comparison = await this.#compare(next);
    this.#say({ comparison });
    if (unlessDifferent && comparison.differences > 0) {
      await this.kept.keepBeside();
      return this.#say({ state: 'different' });
    }
    if (!(await this.#until(next, () => next.following.position >= this.position))) return this.#say({ state: 'stopped' });
    await this.kept.switchTo(number);
    await this.#until(next, () => next.following.position >= this.position); // what was waited for in the old one is in the new one
    this.#active = next;
    this.#say({ state: 'switched' });
  }

  #say(change: Partial<Rebuild>): void {
    const ended = change.state !== undefined && change.state !== 'comparing';
    if (this.rebuilding) this.rebuilding = { ...this.rebuilding, ...change, ...(ended && { endedAt: new Date().toISOString() }) };
  }

  #compare(other: Generation<T>): Promise<Comparison> {
    const settle = async (): Promise<void> => {
      const { position } = this;
      await this.#until(other, () => other.following.position >= position);
      const reached = other.following.position;
      await this.#until(other, () => this.position >= reached);
    };
    return compareViews(this.view, other.view, settle, this.#stop.signal);
  }

  /** False when it was stopped or dropped before. */
  async #until({ number }: Generation<T>, holds: () => boolean): Promise<boolean> {
    while (!holds()) {
      if (this.#stop.signal.aborted || !this.#generations.has(number)) return false;
      await sleep(pollMs, undefined, { ref: false });
    }
    return !this.#stop.signal.aborted && this.#generations.has(number);
  }
}
