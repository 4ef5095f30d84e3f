import type { Followed } from '@kendt/contracts';
import type { Place } from './transport.port.js';
import type { ConnectorStore } from './store.port.js';

/** A message that could not be handled, and waits. Coordinates and a reason, never what stood in it. */
export interface ParkedMessage extends Place {
  readonly following: Followed;
  readonly key: string;
  /** Name and code of the error, or `WAITS` behind an earlier message of the same customer. */
  readonly reason: string;
  readonly since: string;
  /** A message that no handler can ever read does not hold up the next ones. */
  readonly blocks: boolean;
}

export const waits = 'WAITS';

const keyOf = ({ following, topic, partition, offset }: ParkedMessage): string =>
  // Padded, so that the order of the keys is the order of the messages.
  `parked/${following}/${topic}/${partition}/${offset.padStart(20, '0')}`;

/** The messages that wait, kept in the store and known by heart. */
export class Parking {
  private constructor(
    private readonly store: ConnectorStore,
    private readonly messages: Map<string, ParkedMessage>,
  ) {}

  static async open(store: ConnectorStore): Promise<Parking> {
    const entries = await store.list('parked/');
    return new Parking(store, new Map(entries.map(([key, value]) => [key, JSON.parse(value) as ParkedMessage])));
  }

  list(): readonly ParkedMessage[] {
    return [...this.messages.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** True when a message of this customer waits here: the next must wait too. */
  holdsUp(following: string, key: string): boolean {
    return [...this.messages.values()].some((message) => message.blocks && message.following === following && message.key === key);
  }

  async park(message: ParkedMessage): Promise<void> {
    this.messages.set(keyOf(message), message);
    await this.store.put(keyOf(message), JSON.stringify(message));
  }

  async release(message: ParkedMessage): Promise<void> {
    this.messages.delete(keyOf(message));
    await this.store.remove(keyOf(message));
  }
}
