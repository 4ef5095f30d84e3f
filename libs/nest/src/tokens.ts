import type { Installation } from '@kendt/contracts';
import type { CachedKeyRing, Clock, EventStore, KeyRing, Lookup, Topics, Views } from '@kendt/eventsourcing';
import type { Config } from './config/config.js';
import type { Secrets } from './config/secrets.js';
import type { TokenKeys } from './config/token-keys.js';

/** What every service may ask for with `@Inject(...)`. */
export const EVENT_STORE = Symbol('EVENT_STORE');
/** The store as it keeps events, sealed and in the shape they were written with: for the audit log, whose leaves are the stored bytes. */
export const SEALED_EVENTS = Symbol('SEALED_EVENTS');
export const VIEWS = Symbol('VIEWS');
export const TOPICS = Symbol('TOPICS');
export const KEY_RING = Symbol('KEY_RING');
export const CLOCK = Symbol('CLOCK');
export const LOOKUP = Symbol('LOOKUP');
export const CONFIG = Symbol('CONFIG');
export const SECRETS = Symbol('SECRETS');
export const TOKEN_KEYS = Symbol('TOKEN_KEYS');
export const CUSTOMER_STATUS = Symbol('CUSTOMER_STATUS');
/** What the configuration files say, as read at start; what is also an event is better asked of the `Directory`. */
export const INSTALLATION = Symbol('INSTALLATION');
export const LOGGER = Symbol('LOGGER');
export const METRICS = Symbol('METRICS');
export const SERVICE_NAME = Symbol('SERVICE_NAME');
/** The name of this process among all that share its stores. */
export const INSTANCE = Symbol('INSTANCE');

/** The adapters that the app has chosen. */
export interface Ports {
  readonly events: EventStore;
  readonly views: Views;
  readonly topics: Topics;
  readonly keys: KeyRing;
}

/**
 * Is this customer's account usable now, with a token of this age? Read from the streams, never from a view: it guards access.
 * @param issuedAt seconds since 1970
 */
export type CustomerStatus = (customerId: string, issuedAt?: number) => Promise<boolean>;

export interface Foundation {
  readonly name: string;
  readonly instance: string;
  readonly ports: Ports & { readonly keys: CachedKeyRing };
  /** The event store of `ports`, sealing and in today's shape. */
  readonly events: EventStore;
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly tokenKeys: TokenKeys;
  readonly customerStatus: CustomerStatus;
  readonly lookup: Lookup;
  readonly installation: Installation;
}
