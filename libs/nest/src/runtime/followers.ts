import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type EventStore, follow, type Follower, type Following, type Position, type Views } from '@kendt/eventsourcing';
import type { Logger } from 'pino';
import { stackFrames } from '../logs/stack-frames.js';
import { Problem } from '../problems/problem.js';
import { EVENT_STORE, LOGGER, SEALED_EVENTS, VIEWS } from '../tokens.js';

export interface FollowerOptions {
  /** Personal data stays sealed, as it is stored. */
  readonly sealed?: boolean;
}

const patience = 2000;

/** Everything in this process that follows the event store. Add in `onModuleInit`; all start with the application. */
@Injectable()
export class Followers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #added = new Map<string, { follower: Follower; options: FollowerOptions }>();
  readonly #running = new Map<string, Following>();
  readonly #seen = new Map<string, { position: Position; at: number }>();

  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(SEALED_EVENTS) private readonly sealedEvents: EventStore,
    @Inject(VIEWS) private readonly views: Views,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  add(follower: Follower, options: FollowerOptions = {}): void {
    if (this.#added.has(follower.name)) throw new Error(`There are two followers called ${follower.name}`);
    this.#added.set(follower.name, { follower, options });
  }

  onApplicationBootstrap(): void {
    for (const [name, { follower, options }] of this.#added) this.#running.set(name, this.#start(follower, options));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.running().map((following) => following.stop()));
  }

  running(): readonly Following[] {
    return [...this.#running.values()];
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

  #start(follower: Follower, { sealed }: FollowerOptions): Following {
    const onError = (message: string, error: unknown): void => this.logger.error({ follower: follower.name, error: error instanceof Error ? error.name : undefined, stack: stackFrames(error) }, message);
    return follow({ store: sealed ? this.sealedEvents : this.events, views: this.views }, follower, { onError });
  }
}
