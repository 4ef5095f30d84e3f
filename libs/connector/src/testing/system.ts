import type { Connector } from '../connector.options.js';
import type { ConnectorStore } from '../store.port.js';
import type { TopicTransport } from '../transport.port.js';

export interface Given {
  readonly topics: TopicTransport;
  readonly store: ConnectorStore;
}

/** Your system, as the kit sees it. */
export interface SystemUnderTest {
  /**
   * Your connector with your handlers, on these topics and with this memory. The kit runs and closes it. It is asked again
   * after a crash, and then finds your system's data as they were.
   */
  connect(given: Given): Connector | Promise<Connector>;
  /** What your system holds of this customer, as anything that can be compared, without times and row numbers; undefined when nothing. */
  holds(customerId: string): unknown;
  /** Lets go of files and connections. */
  close?(): Promise<void> | void;
}

export interface CheckOptions {
  /** The id that the configuration gives your system. */
  readonly system: string;
  /** A brand whose customers it follows; `fjord` unless told. */
  readonly brand?: string;
  /** What it follows; everything unless told. What it does not follow is not checked. */
  readonly follows?: readonly Followed[];
  /** An empty one for each check. */
  readonly open: () => SystemUnderTest | Promise<SystemUnderTest>;
  /** For a system that learns of its customers by another way than Kendt: makes it hold something of this one. */
  readonly fill?: (system: SystemUnderTest, customerId: string) => Promise<void> | void;
  /** How long anything may take, in milliseconds; ten seconds unless told. */
  readonly patienceMs?: number;
}

export type Followed = 'customers' | 'consents' | 'erasures';
