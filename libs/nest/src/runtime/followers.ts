import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  type EventStore, eventsBetween, follow, type FollowDeps, type Follower, type FollowerLoop, type Following, type FollowOptions, Lease, Overtaken, type Position, type Projection, type PublishingFollower,
  type ReadView, RunningView, START, tipOf, type Views,
} from '@kendt/eventsourcing';
import type { Logger } from 'pino';
import { observedBatches } from '../observed/observed-batches.js';
import { fault } from '../logs/stack-frames.js';
import { Problem } from '../problems/problem.js';
import type { Tracing } from '../tracing/tracing.js';
import { EVENT_STORE, INSTANCE, LOGGER, SEALED_EVENTS, TRACING, VIEWS } from '../tokens.js';

export interface FollowerOptions {
  /** Personal data stays sealed, as it is stored. */
  readonly sealed?: boolean;
  /**
   * For what has effects outside this process: it runs where the lease of this name is held, and elsewhere it stands by. Those of one
   * lease are always in the same process.
   */
  readonly lease?: string;
}

/** A publisher that runs in this process, and where it reads. */
export interface RunningPublisher {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly follower: PublishingFollower;
  readonly following: FollowerLoop;
}

const patience = 2000;

/** Everything in this process that follows the event store. Add in `onModuleInit`; all start with the application. */
@Injectable()
export class Followers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #added = new Map<string, () => Promise<Following>>();
  readonly #running = new Map<string, Following>();
  readonly #views = new Map<string, RunningView<object>>();
  readonly #publishers: RunningPublisher[] = [];
  readonly #leased = new Set<string>();
  readonly #leases = new Map<string, Lease>();
  #tip: Position = START;
  readonly #seen = new Map<string, { position: Position; at: number }>();

  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(SEALED_EVENTS) private readonly sealedEvents: EventStore,
    @Inject(VIEWS) private readonly views: Views,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(INSTANCE) private readonly instance: string,
    @Inject(TRACING) private readonly tracing: Tracing,
  ) {}

  add(follower: Follower | PublishingFollower, options: FollowerOptions = {}): void {
    if (options.lease) this.#leased.add(follower.name);
    this.#add(follower.name, async () => {
      const deps = this.#deps(options);
      const following = follow(deps, follower, { ...this.#hooks(follower.name), ...(options.lease && { lease: this.#lease(options.lease) }) });
      if ('publisher' in follower) this.#publishers.push({ store: deps.store, follower, following });
      return following;
    });
  }

  /** Gives the view for reading, whichever of its builds that is at the time. Can be asked once the application has started. */
  project<T extends object>(projection: Projection<T>, options: FollowerOptions = {}): ReadView<T> {
    const { name } = projection;
    let running: RunningView<T> | undefined;
    this.#add(name, async () => {
      running = await RunningView.start(this.#deps(options), projection, this.#hooks(name));
      this.#views.set(name, running as unknown as RunningView<object>);
      return running;
    });
    const view = (): ReadView<T> => {
      if (!running) throw new Error(`The view ${name} is not open yet`);
      return running.view;
    };
    return { get: async (id) => view().get(id), find: async (...wish) => view().find(...wish), list: async (page) => view().list(page) };
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const [name, start] of this.#added) this.#running.set(name, await start());
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.running().map((following) => following.stop()));
    await Promise.all(this.leases().map((lease) => lease.release()));
  }

  running(): readonly Following[] {
    return [...this.#running.values()];
  }

  leases(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  publishers(): readonly RunningPublisher[] {
    return this.#publishers;
  }

  isLeased(name: string): boolean {
    return this.#leased.has(name);
  }

  projections(): readonly RunningView<object>[] {
    return [...this.#views.values()];
  }

  /** Where the log ends now. */
  async tip(): Promise<Position> {
    return (this.#tip = await tipOf(this.sealedEvents, this.#tip));
  }

  /** `undefined` where the positions of this store do not count events. */
  eventsBehind(position: Position, tip: Position): number | undefined {
    return eventsBetween(position, tip);
  }

  /** 0 to 1; `undefined` as above. */
  shareRead(position: Position, tip: Position): number | undefined {
    const [read, all] = [eventsBetween(START, position), eventsBetween(START, tip)];
    return read === undefined || all === undefined ? undefined : all === 0 ? 1 : Math.min(1, read / all);
  }

  /** Since its position last changed, as far as anybody has looked. */
  secondsSinceMove(name: string): number {
    const position = this.#running.get(name)?.position ?? '';
    const seen = this.#seen.get(name);
    const now = performance.now();
    if (seen?.position !== position) this.#seen.set(name, { position, at: now });
    return seen?.position === position ? (now - seen.at) / 1000 : 0;
  }

  /** False when it has not got there within `ms` milliseconds. */
  waitFor(name: string, position: Position, ms = patience): Promise<boolean> {
    const following = this.#running.get(name);
    if (!following) throw new Error(`No follower called ${name} is running`);
    return following.waitFor(position, ms);
  }

  /** For a query that carries `Kendt-After`. @throws Problem VIEW_BEHIND after two seconds. */
  async caughtUpWith(name: string, after: Position | undefined): Promise<void> {
    if (after === undefined || (await this.waitFor(name, after))) return;
    throw new Problem(425, 'VIEW_BEHIND', 'What you wrote has not arrived here yet; ask again', { headers: { 'retry-after': '1' } });
  }

  #add(name: string, start: () => Promise<Following>): void {
    if (this.#added.has(name)) throw new Error(`There are two followers called ${name}`);
    this.#added.set(name, start);
  }

  #lease(name: string): Lease {
    const lease = this.#leases.get(name) ?? new Lease(this.views, name, { owner: this.instance, onError: this.#hooks(`lease ${name}`).onError! });
    this.#leases.set(name, lease);
    return lease;
  }

  #deps({ sealed }: FollowerOptions): FollowDeps {
    return { store: sealed ? this.sealedEvents : this.events, views: this.views, closed: this.sealedEvents };
  }

  #hooks(follower: string): FollowOptions {
    return {
      around: observedBatches(follower, { logger: this.logger, tracing: this.tracing }),
      onError: (message, error) => {
        // Two processes build one view: that one of them is quicker is as it should be.
        if (error instanceof Overtaken) this.logger.debug({ follower, code: error.name }, message);
        else this.logger.error({ follower, ...fault(error) }, message);
      },
    };
  }
}
