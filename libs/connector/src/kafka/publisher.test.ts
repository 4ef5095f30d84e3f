import { describe, expect, it } from '@jest/globals';
import { TopicsUnavailable } from './failures.js';
import { type PlacedMessage, placeOf, Publisher, type Sender } from './publisher.js';

interface Sent {
  readonly producer: number;
  readonly keys: string[];
}

/** A broker that fails as it is told; what a producer has sent counts as kept unless the failure says otherwise. */
class Broker {
  readonly sent: Sent[] = [];
  readonly closed: number[] = [];
  producers = 0;
  unacknowledged: string | undefined;
  failures: Error[] = [];
  /** Fails for as long as the batch holds this key. */
  poison: string | undefined;
  held: Promise<void> | undefined;

  readonly open = async (): Promise<Sender> => {
    const producer = ++this.producers;
    return { close: async () => void this.closed.push(producer), send: (messages) => this.send(producer, messages) };
  };

  kept(): string[] {
    return this.sent.flatMap(({ keys }) => keys);
  }

  private async send(producer: number, messages: readonly PlacedMessage[]): Promise<ReadonlySet<string>> {
    await this.held;
    const failure = this.failures.shift();
    if (failure) throw failure;
    if (messages.some(({ key }) => key === this.poison)) throw protocol('MESSAGE_TOO_LARGE');
    const leftOut = this.unacknowledged;
    this.unacknowledged = undefined;
    const kept = messages.filter((message) => placeOf(message) !== leftOut);
    this.sent.push({ producer, keys: kept.map(({ key }) => key) });
    return new Set(kept.map(placeOf));
  }
}

const protocol = (type: string, retriable = false): Error => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type, retriable });
const away = (): Error => Object.assign(new Error('gave up'), { name: 'KafkaJSNumberOfRetriesExceeded', cause: Object.assign(new Error('no'), { name: 'KafkaJSConnectionError' }) });

const publisherOn = (broker: Broker, mostWaiting?: number) => {
  const place = async (keys: readonly string[]): Promise<PlacedMessage[]> => {
    if (keys.includes('nowhere')) throw new Error('Topic nowhere does not exist');
    return keys.map((key) => ({ topic: 't', partition: key.charCodeAt(0) % 2, key, value: Buffer.alloc(100), headers: {} }));
  };
  return new Publisher<string>({ open: broker.open, place, ...(mostWaiting !== undefined && { mostWaiting }) });
};

describe('a publisher', () => {
  it('sends what is published in one turn together, in the order in which it was published', async () => {
    const broker = new Broker();
    const publisher = publisherOn(broker);
    await Promise.all([publisher.publish(['a1', 'b1']), publisher.publish(['a2']), publisher.publish([])]);
    expect(broker.sent).toEqual([{ producer: 1, keys: ['a1', 'b1', 'a2'] }]);
  });

  it.each(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'])('goes on with a new producer after %s, with nothing overtaken', async (type) => {
    const broker = new Broker();
    const publisher = publisherOn(broker);
    await publisher.publish(['a1']);
    broker.failures = [protocol(type)];
    await Promise.all([publisher.publish(['a2']), publisher.publish(['a3'])]);
    expect(broker.sent).toEqual([{ producer: 1, keys: ['a1'] }, { producer: 2, keys: ['a2', 'a3'] }]);
    expect(broker.closed).toEqual([1]);
  });

  it('gives up after three producers', async () => {
    const broker = new Broker();
    broker.failures = Array.from({ length: 3 }, () => protocol('UNKNOWN_PRODUCER_ID'));
    await expect(publisherOn(broker).publish(['a1'])).rejects.toThrow('Kafka could not do this (UNKNOWN_PRODUCER_ID).');
    expect([broker.producers, broker.sent]).toEqual([3, []]);
  });

  it('sends again, through a new producer, what was not acknowledged though the client says that all is well', async () => {
    const broker = new Broker();
    broker.unacknowledged = 't/1'; // the leader of a partition moved in the middle of it
    await publisherOn(broker).publish(['a1', 'b1', 'a2']);
    expect(broker.sent).toEqual([{ producer: 1, keys: ['b1'] }, { producer: 2, keys: ['a1', 'a2'] }]);
  });

  it('refuses what waits behind a batch that failed, so that who sends again is not overtaken, and never uses that producer again', async () => {
    const broker = new Broker();
    const publisher = publisherOn(broker);
    const hold = Promise.withResolvers<void>();
    broker.held = hold.promise;
    const first = publisher.publish(['a1']);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const behind = publisher.publish(['a2']);
    broker.failures = [away()];
    const outcomes = Promise.allSettled([first, behind]);
    hold.resolve();
    expect(await outcomes).toMatchObject([{ reason: { code: 'TOPICS_UNAVAILABLE' } }, { reason: { code: 'TOPICS_UNAVAILABLE' } }]);
    await publisher.publish(['a1', 'a2']);
    expect(broker.sent).toEqual([{ producer: 2, keys: ['a1', 'a2'] }]);
  });

  it('lets what cannot be kept fail alone', async () => {
    const broker = new Broker();
    broker.poison = 'big';
    const publisher = publisherOn(broker);
    const outcomes = await Promise.allSettled([publisher.publish(['a1']), publisher.publish(['big']), publisher.publish(['nowhere']), publisher.publish(['a2'])]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(broker.kept()).toEqual(['a1', 'a2']);
  });

  it('sends what is too large for one request in several, in order', async () => {
    const broker = new Broker();
    const keys = Array.from({ length: 5_000 }, (_, n) => `a${n}`);
    await publisherOn(broker).publish(keys);
    expect(broker.sent.length).toBeGreaterThan(2);
    expect(broker.kept()).toEqual(keys);
  });

  it('lets who publishes more than may wait, wait', async () => {
    const broker = new Broker();
    const publisher = publisherOn(broker, 1_000);
    const hold = Promise.withResolvers<void>();
    broker.held = hold.promise;
    const keys = Array.from({ length: 50 }, (_, n) => `a${n}`);
    const all = Promise.all(keys.map((key) => publisher.publish([key])));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(publisher.waits).toBeLessThan(1_300);
    hold.resolve();
    await all;
    expect(broker.kept()).toEqual(keys);
  });

  it('refuses what waits when it is closed, and does not wait for a broker that is away', async () => {
    const broker = new Broker();
    const publisher = publisherOn(broker);
    broker.held = new Promise(() => undefined);
    const first = publisher.publish(['a1']);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const second = publisher.publish(['a2']);
    const refused = expect(second).rejects.toThrow('closed');
    void first.catch(() => undefined);
    await publisher.close(20);
    await refused;
    await expect(publisher.publish(['a3'])).rejects.toThrow('closed');
    expect(new TopicsUnavailable().message).toMatch(/try again/);
  });
});
