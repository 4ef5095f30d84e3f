import type { ConsentChanged, CustomerProfile, ErasureTaskIssued, Followed, HoldingReported, PurchaseReported } from '@kendt/contracts';
import type { ErasureAnswer } from './erasure-answer.js';
import type { ParkedMessage } from './parked.js';
import type { InSpan } from './span.js';
import type { ConnectorStore } from './store.port.js';
import type { Place, TopicTransport } from './transport.port.js';

export interface ConnectorOptions {
  /** The id that the configuration gives this system. */
  readonly system: string;
  /** Where the topics are: `sqlite:<file>`, `kafka://host:port,…` (options as in Kendt's `TOPICS_URL`), or a transport of your own. */
  readonly topics: string | TopicTransport;
  readonly store: ConnectorStore;
  /** Whose customers to follow; without it, every brand's. */
  readonly brands?: readonly string[];
  /** Hears of every failed try. By default one line of JSON on stderr, without personal data. */
  readonly onError?: (problem: ConnectorProblem) => void;
  readonly clock?: () => Date;
  /** Makes traces go on into this system: stands around the handling of each message. */
  readonly inSpan?: InSpan;
  /** How often a handler is tried before the message is parked, and the pause after the first try (doubled each time). */
  readonly tries?: number;
  readonly backoffMs?: number;
  /** How often parked messages are tried again. */
  readonly retryParkedMs?: number;
  /** How often Kendt is told at the least that the connector is here; a change is told within a second. A minute unless told. */
  readonly statusMs?: number;
}

/** A try that failed. `error` may quote personal data; everything else is ids and coordinates. */
export interface ConnectorProblem extends Place {
  readonly following: string;
  readonly key: string;
  readonly reason: string;
  readonly attempt: number;
  readonly error: unknown;
}

/** Of a message; `id` is the same when it comes again. */
export interface Delivery {
  readonly id: string;
  readonly time?: string;
  readonly sequence?: string;
  readonly traceparent?: string;
}

/** `gone`: erased, or no longer a customer of this brand. */
export type CustomerChange =
  | { readonly kind: 'changed'; readonly customerId: string; readonly brandId: string; readonly profile: CustomerProfile }
  | { readonly kind: 'gone'; readonly customerId: string; readonly brandId: string };

export type ConsentNews = ConsentChanged & { readonly state: 'granted' | 'refused' | 'withdrawn' | 'expired' };

/** Handlers may be called twice for the same message (a crash in between): they must make the same of it. */
export type CustomerHandler = (change: CustomerChange, delivery: Delivery) => Promise<void> | void;
export type ConsentHandler = (consent: ConsentNews, delivery: Delivery) => Promise<void> | void;
export type ErasureHandler = (task: ErasureTaskIssued, delivery: Delivery) => Promise<ErasureAnswer> | ErasureAnswer;

/** Messages that are not handled yet, per thing that is followed. */
export type Lag = Readonly<Partial<Record<Followed, number>>>;

export interface Connector {
  onCustomer(handler: CustomerHandler): Connector;
  onConsent(handler: ConsentHandler): Connector;
  onErasure(handler: ErasureHandler): Connector;
  /** Resolves once it is safely kept. The same `purchaseId` twice counts once. */
  reportPurchase(purchase: PurchaseReported): Promise<void>;
  reportHolding(holding: Omit<HoldingReported, 'at'>): Promise<void>;
  endHolding(holding: { readonly customerId: string; readonly record: string }): Promise<void>;
  /** Follows until `signal` aborts or {@link close} is called; rejects when the topics cannot be read. */
  run(signal?: AbortSignal): Promise<void>;
  /** Resolves once everything that was there when {@link run} began has been handled. */
  readonly ready: Promise<void>;
  lag(): Promise<Lag>;
  /** What could not be handled and waits. */
  parked(): Promise<readonly ParkedMessage[]>;
  /** Tries them again now; also done by itself every minute. Gives how many still wait. */
  retryParked(): Promise<number>;
  /** Reads every profile and consent from the beginning, as a new system would; works on the next {@link run} too. */
  reload(): Promise<void>;
  /** Stops, lets the message in hand finish, and lets go of topics and store. */
  close(): Promise<void>;
}
