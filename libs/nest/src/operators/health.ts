import { Inject, Injectable } from '@nestjs/common';
import { type Clock, type Topics, type Views, type EventStore } from '@kendt/eventsourcing';
import { Consumers } from '../runtime/consumers.js';
import { Followers } from '../runtime/followers.js';
import { CLOCK, SEALED_EVENTS, TOPICS, VIEWS } from '../tokens.js';

export interface HealthPart {
  readonly name: string;
  readonly ok: boolean;
  /** ISO 8601 UTC: how long it has been so. */
  readonly since: string;
  readonly detail?: string;
}

export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly parts: readonly HealthPart[];
}

export type HealthCheck = () => Promise<{ readonly ok: boolean; readonly detail?: string }>;

const patience = 1000;

/** Is everything there that this process needs to answer? */
@Injectable()
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #since = new Map<string, { ok: boolean; since: string }>();
  stopping = false;

  constructor(
    @Inject(SEALED_EVENTS) private readonly events: EventStore,
    @Inject(VIEWS) private readonly views: Views,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(Consumers) private readonly consumers: Consumers,
  ) {
    this.add('event-store', async () => ({ ok: (await Array.fromAsync(this.events.read('health-probe', { limit: 1 }))).length >= 0 }));
    this.add('views', async () => ({ ok: (await (await this.views.open({ name: 'checkpoints@1' })).list({ limit: 1 })).documents.length >= 0 }));
    this.add('topics', async () => ({ ok: (await this.topics.ensure([])) === undefined }));
  }

  /** A part of readiness of a service's own. */
  add(name: string, check: HealthCheck): void {
    this.#checks.set(name, check);
  }

  async readiness(): Promise<Readiness> {
    const checked = await Promise.all([...this.#checks].map(async ([name, check]) => this.#part(name, await within(check))));
    const parts = [...checked, ...this.#followerParts(), ...this.#consumerParts(), ...(this.stopping ? [this.#part('process', { ok: false, detail: 'stopping' })] : [])];
    return { status: parts.every(({ ok }) => ok) ? 'ready' : 'not-ready', parts };
  }

  /** Ready once history is through. Parked events are a number to watch: they must not take the whole service out. */
  #followerParts(): HealthPart[] {
    return this.followers.running().map(({ name, caughtUp, parkedCount }) =>
      this.#part(`follower ${name}`, { ok: caughtUp, ...(parkedCount > 0 && { detail: `${parkedCount} parked` }) }),
    );
  }

  #consumerParts(): HealthPart[] {
    return this.consumers.states().map(({ group, running }) => this.#part(`consumer ${group}`, { ok: running }));
  }

  #part(name: string, { ok, detail }: { ok: boolean; detail?: string }): HealthPart {
    const before = this.#since.get(name);
    const since = before?.ok === ok ? before.since : this.clock().toISOString();
    this.#since.set(name, { ok, since });
    return { name, ok, since, ...(detail && { detail }) };
  }
}

/** A part that does not answer in a second is not there; what it says about itself may name too much for a health page. */
const within = async (check: HealthCheck): Promise<{ ok: boolean; detail?: string }> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<{ ok: boolean; detail: string }>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: 'no answer within a second' }), patience);
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch {
    return { ok: false, detail: 'failed' };
  } finally {
    clearTimeout(timer);
  }
};

