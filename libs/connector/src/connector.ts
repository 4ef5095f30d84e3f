import { setTimeout as sleep } from 'node:timers/promises';
import type { HoldingReported, PurchaseReported } from '@kendt/contracts';
import type {
  ConsentHandler,
  Connector,
  ConnectorOptions,
  ConnectorProblem,
  CustomerHandler,
  ErasureHandler,
  Lag,
} from './connector.options.js';
import { consents, customers, erasures } from './deliveries.js';
import type { Following, FollowingContext } from './following.js';
import { Handled } from './handled.js';
import { type ParkedMessage, Parking } from './parked.js';
import { holdingEndedMessage, holdingMessage, purchaseMessage } from './reports.js';
import { every, retryRound, runFollowing } from './run.js';
import { withoutSpan } from './span.js';
import { type Status, statusMessage, statusOf, tellStatus } from './status.js';
import { checkTopicsUrl, openTransport } from './open.transport.js';
import type { TopicTransport } from './transport.port.js';
import { Turns } from './turns.js';

const aMinute = 60_000;
/** What has taken long already may take a tenth of that longer: on Kafka every look asks the cluster. */
const readyLook = { atLeastMs: 20, atMostMs: 1000, share: 0.1 };

const printProblem = ({ error: _, ...problem }: ConnectorProblem): void => console.error(JSON.stringify({ level: 'error', ...problem }));

interface Opened {
  readonly transport: TopicTransport;
  readonly context: FollowingContext;
  readonly followings: readonly Following[];
}

class FollowingConnector implements Connector {
  private readonly clock: () => Date;
  private readonly handled: Handled;
  private readonly stop = new AbortController();
  private readonly reached = Promise.withResolvers<void>();
  readonly ready = this.reached.promise;
  private handlers: { customer?: CustomerHandler; consent?: ConsentHandler; erasure?: ErasureHandler } = {};
  private transport: Promise<TopicTransport> | undefined;
  private opened: Promise<Opened> | undefined;
  private running: Promise<void> | undefined;
  private turnOver: AbortController | undefined;

  constructor(private readonly options: ConnectorOptions) {
    this.clock = options.clock ?? (() => new Date());
    this.handled = new Handled(options.store, this.clock);
    if (typeof options.topics === 'string') checkTopicsUrl(options.topics);
    // Nobody has to wait for it; who does, hears of it.
    this.ready.catch(() => undefined);
  }

  onCustomer(handler: CustomerHandler): this {
    return this.on({ customer: handler });
  }

  onConsent(handler: ConsentHandler): this {
    return this.on({ consent: handler });
  }

  onErasure(handler: ErasureHandler): this {
    return this.on({ erasure: handler });
  }

  async reportPurchase(purchase: PurchaseReported): Promise<void> {
    await (await this.topics()).publish([purchaseMessage(this.options.system, purchase)]);
  }

  async reportHolding(holding: Omit<HoldingReported, 'at'>): Promise<void> {
    await (await this.topics()).publish([holdingMessage(this.options.system, { ...holding, at: this.now() })]);
  }

  async endHolding({ customerId, record }: { customerId: string; record: string }): Promise<void> {
    await (await this.topics()).publish([holdingEndedMessage(this.options.system, { customerId, record, at: this.now() })]);
  }

  run(signal?: AbortSignal): Promise<void> {
    if (this.running) throw new Error('This connector runs already');
    const until = signal ? AbortSignal.any([signal, this.stop.signal]) : this.stop.signal;
    this.running = this.runUntil(until).catch((error: unknown) => {
      this.reached.reject(error);
      throw error;
    });
    return this.running;
  }

  async lag(): Promise<Lag> {
    const { transport, followings } = await this.open();
    const lags = followings.map(async ({ name, topics }) => [name, await transport.lag({ topics, group: await this.groupOf(name) })] as const);
    return Object.fromEntries(await Promise.all(lags));
  }

  async parked(): Promise<readonly ParkedMessage[]> {
    return (await this.open()).context.parking.list();
  }

  async retryParked(): Promise<number> {
    const { transport, context, followings } = await this.open();
    await retryRound(followings, transport, context);
    return context.parking.list().length;
  }

  async reload(): Promise<void> {
    const { store } = this.options;
    for (const name of ['customers', 'consents'] as const) {
      await this.handled.forgetAll(name);
      await store.put(`reloads/${name}`, String(Number((await store.get(`reloads/${name}`)) ?? 0) + 1));
    }
    this.turnOver?.abort();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running?.catch(() => undefined);
    await (await this.transport?.catch(() => undefined))?.close();
    await this.options.store.close();
  }

  private on(handler: typeof this.handlers): this {
    if (this.opened) throw new Error('Handlers must be set before the connector runs');
    this.handlers = { ...this.handlers, ...handler };
    return this;
  }

  private async runUntil(signal: AbortSignal): Promise<void> {
    const { transport, context, followings } = await this.open();
    await this.handled.forgetOld();
    await retryRound(followings, transport, context);
    const parkedAgain = every(this.options.retryParkedMs ?? aMinute, signal, () => retryRound(followings, transport, context));
    void tellStatus({
      look: () => this.status(followings, context),
      tell: async (status) => transport.publish([statusMessage(this.options.system, this.now(), status)]),
      everyMs: this.options.statusMs ?? aMinute,
      signal,
    });
    const parts = [this.followAll(followings, transport, context, signal), this.becomeReady(signal), parkedAgain];
    // When one cannot go on, all stop: half a connector would look like a whole one.
    await Promise.allSettled(parts.map((part) => part.catch(() => this.stop.abort())));
    await Promise.all(parts);
  }

  /** From the start again after every {@link reload}. When one of them fails, all stop. */
  private async followAll(followings: readonly Following[], transport: TopicTransport, context: FollowingContext, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.turnOver = new AbortController();
      const turn = AbortSignal.any([signal, this.turnOver.signal]);
      const running = followings.map(async (following) =>
        runFollowing(following, await this.groupOf(following.name), transport, context, turn).catch((error: unknown) => {
          this.stop.abort();
          throw error;
        }),
      );
      const failure = (await Promise.allSettled(running)).find(({ status }) => status === 'rejected');
      if (failure) throw (failure as PromiseRejectedResult).reason;
      if (followings.length === 0) return;
    }
  }

  private async becomeReady(signal: AbortSignal): Promise<void> {
    const { transport, followings } = await this.open();
    const began = performance.now();
    const { atLeastMs, atMostMs, share } = readyLook;
    const ends = await Promise.all(followings.map(({ topics }) => transport.ends(topics)));
    const lagOf = async ({ name, topics }: Following, place: number): Promise<number> => transport.lag({ topics, group: await this.groupOf(name) }, ends[place]);
    while (!signal.aborted) {
      if ((await Promise.all(followings.map(lagOf))).every((lag) => lag === 0)) return this.reached.resolve();
      await sleep(Math.min(atMostMs, Math.max(atLeastMs, (performance.now() - began) * share)), undefined, { signal }).catch(() => undefined);
    }
    this.reached.reject(new Error('The connector was stopped before it was ready'));
  }

  private async status(followings: readonly Following[], context: FollowingContext): Promise<Status> {
    const follows = await Promise.all(followings.map(async ({ name }) => ({ what: name, group: await this.groupOf(name) })));
    return statusOf({ brands: this.options.brands, follows, parked: context.parking.list() });
  }

  private async groupOf(name: Following['name']): Promise<string> {
    const reloads = await this.options.store.get(`reloads/${name}`);
    return `${this.options.system}.${name}${reloads === undefined ? '' : `.${reloads}`}`;
  }

  private topics(): Promise<TopicTransport> {
    return (this.transport ??= openTransport(this.options));
  }

  private open(): Promise<Opened> {
    return (this.opened ??= this.openAll());
  }

  private async openAll(): Promise<Opened> {
    const transport = await this.topics();
    const { system, brands, store, onError = printProblem, inSpan = withoutSpan, tries = 5, backoffMs = 200 } = this.options;
    const parking = await Parking.open(store);
    const { clock, handled } = this;
    const deliveries = { system, brands, handled, transport, now: () => this.now() };
    const { customer, consent, erasure } = this.handlers;
    return {
      transport,
      context: { handled, parking, turns: new Turns(), onError, clock, inSpan, system, tries, backoffMs },
      followings: [
        ...(customer ? [customers(customer, deliveries)] : []),
        ...(consent ? [consents(consent, deliveries)] : []),
        ...(erasure ? [erasures(erasure, deliveries)] : []),
      ],
    };
  }

  private now(): string {
    return this.clock().toISOString();
  }
}

/**
 * Lets a system follow Kendt.
 *
 * ```ts
 * const crm = connect({ system: 'crm', topics: 'sqlite:data/topics.db', store: fileStore('crm.memory') });
 * crm.onCustomer((change) => ...).onConsent((consent) => ...).onErasure((task) => erased());
 * await crm.run();
 * ```
 */
export const connect = (options: ConnectorOptions): Connector => new FollowingConnector(options);
