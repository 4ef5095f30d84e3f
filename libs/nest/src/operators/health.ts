import { Inject, Injectable } from '@nestjs/common';
import { type Clock, type Following, type KeyRing, openOnce, type Topics, type Views, type EventStore } from '@kendt/eventsourcing';
import { Consumers } from '../runtime/consumers.js';
import { Followers } from '../runtime/followers.js';
import { CLOCK, KEY_RING, METRICS, SEALED_EVENTS, TOPICS, VIEWS } from '../tokens.js';
import type { Metrics } from './metrics.js';

export interface HealthPart {
  readonly name: string;
  readonly ok: boolean;
  /** False: this process answers without it, so when it is not ok it is only degraded. */
  readonly needed: boolean;
  /** ISO 8601 UTC: how long it has been so. */
  readonly since: string;
  readonly detail?: string;
}

export interface Readiness {
  /** `degraded`: it answers, and what it has accepted is safe, but something that others wait for does not go on. */
  readonly status: 'ready' | 'degraded' | 'not-ready';
  readonly parts: readonly HealthPart[];
}

export type HealthCheck = () => Promise<{ readonly ok: boolean; readonly detail?: string }>;

const patience = 1000;
/** A gateway asks twice a second. A store that has answered is not asked again for so long; who needs it meanwhile learns by itself that it is away. */
const longestBelief = 3000;
/** A publisher that is further behind is worth a look. */
const lateSeconds = 30;

/** Is everything there that this process needs to answer? */
@Injectable()
export class Health {
  readonly #checks = new Map<string, { readonly check: () => ReturnType<typeof within>; readonly needed: boolean }>();
  readonly #since = new Map<string, { ok: boolean; since: string }>();
  stopping = false;

  constructor(
    @Inject(SEALED_EVENTS) private readonly events: EventStore,
    @Inject(VIEWS) private readonly views: Views,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(KEY_RING) private readonly keys: KeyRing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(Consumers) private readonly consumers: Consumers,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {
    this.add('event-store', async () => ({ ok: (await Array.fromAsync(this.events.read('health-probe', { limit: 1 }))).length >= 0 }));
    const checkpoints = openOnce(this.views, { name: 'checkpoints@1' });
    this.add('views', async () => ({ ok: (await (await checkpoints()).list({ limit: 1 })).documents.length >= 0 }));
    this.add('keys', async () => ({ ok: (await this.keys.find('health-probe', 'contact')) === undefined }));
    this.add('topics', async () => ({ ok: (await this.topics.names()).length >= 0 }), { needed: false });
  }

  /** A part of readiness of a service's own. */
  add(name: string, check: HealthCheck, { needed = true }: { readonly needed?: boolean } = {}): void {
    this.#checks.set(name, { check: believed(() => within(check), Math.min(longestBelief, this.metrics.freshMs)), needed });
  }

  async readiness(): Promise<Readiness> {
    const checked = await Promise.all([...this.#checks].map(async ([name, { check, needed }]) => this.#part(name, { ...(await check()), needed })));
    const parts = [...checked, ...this.#leaseParts(), ...this.#followerParts(), ...this.#consumerParts(), ...(this.stopping ? [this.#part('process', { ok: false, detail: 'stopping' })] : [])];
    return { status: statusOf(parts), parts };
  }

  /** Standing by is no fault. That nobody is known to act is one while it lasts. */
  #leaseParts(): HealthPart[] {
    return this.followers.leases().map(({ name, tenure, owner }) =>
      this.#part(`lease ${name}`, { ok: owner !== undefined, needed: false, detail: tenure ? 'held here' : owner === undefined ? 'nobody holds it' : `stands by; held by ${owner}` }),
    );
  }

  #followerParts(): HealthPart[] {
    return this.followers.running().map((following) => this.#part(`follower ${following.name}`, this.followers.isLeased(following.name) ? effects(following) : history(following)));
  }

  #consumerParts(): HealthPart[] {
    return this.consumers.states().map(({ group, running }) => this.#part(`consumer ${group}`, { ok: running, needed: false }));
  }

  #part(name: string, { ok, detail, needed = true }: { ok: boolean; detail?: string; needed?: boolean }): HealthPart {
    const before = this.#since.get(name);
    const since = before?.ok === ok ? before.since : this.clock().toISOString();
    this.#since.set(name, { ok, since });
    return { name, ok, needed, since, ...(detail && { detail }) };
  }
}

const statusOf = (parts: readonly HealthPart[]): Readiness['status'] => {
  const missing = parts.filter(({ ok }) => !ok);
  return missing.length === 0 ? 'ready' : missing.some(({ needed }) => needed) ? 'not-ready' : 'degraded';
};

type Part = Pick<HealthPart, 'ok' | 'needed' | 'detail'>;

/** Ready once history is through. Parked events are a number to watch: they must not take the whole service out. */
const history = ({ caughtUp, parkedCount }: Following): Part => ({ ok: caughtUp, needed: true, ...(parkedCount > 0 && { detail: `${parkedCount} parked` }) });

/** What others wait for. It may be late, but nothing is lost, and commands do not need it. */
const effects = (following: Following): Part => {
  const { standsBy, caughtUp, parkedCount } = following;
  if (standsBy) return { ok: true, needed: false, detail: 'stands by' };
  const seconds = Math.round(following.lagSeconds(new Date()));
  const late = seconds >= lateSeconds;
  const said = [late && `${seconds} s behind`, !caughtUp && 'reads history', parkedCount > 0 && `${parkedCount} parked`].filter(Boolean).join(', ');
  return { ok: caughtUp && !late, needed: false, ...(said && { detail: said }) };
};

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

/** Good news is kept for `ms`. Bad news is not, so that a part which is back is ready again at once. Who asks meanwhile waits for the answer under way. */
const believed = (ask: () => ReturnType<typeof within>, ms: number): (() => ReturnType<typeof within>) => {
  let last: { readonly answer: ReturnType<typeof within>; readonly until: number } | undefined;
  return () => {
    if (last && performance.now() < last.until) return last.answer;
    const answer = ask();
    const mine = (last = { answer, until: performance.now() + ms });
    void answer.then(({ ok }) => void (!ok && last === mine && (last = undefined)));
    return answer;
  };
};
