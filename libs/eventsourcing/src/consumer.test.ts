import { describe, expect, it } from '@jest/globals';
import { Refusal } from '@kendt/kernel';
import { runConsumer } from './consumer.js';
import { DeadLetters } from './dead-letters.js';
import { failureOf } from './failures.js';
import { MemoryTopics } from './memory/topics.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import type { TopicMessage, Topics } from './topics.port.js';
import type { View, Views } from './views.port.js';

const away = new Refusal('STORE_AWAY', 'The store does not answer', 'busy');
const wrong = new Refusal('MESSAGE_INVALID', 'It is wrong', 'invalid');

describe('a failure', () => {
  it.each([
    ['a refusal', wrong, 'none'],
    ['a refusal that time may mend', new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found'), 'short'],
    ['a race with another process', new Refusal('CONCURRENT_CHANGE', 'Try again'), 'long'],
    ['an error of the program', new TypeError('x'), 'long'],
    ['a full disk', new Refusal('STORE_FULL', 'No room', 'busy'), 'endless'],
  ])('by %s is given the patience that it deserves', (_, error, patience) => {
    expect(failureOf(error, ['CUSTOMER_NOT_FOUND']).patience).toBe(patience);
  });
});

describe('a consumer that is killed', () => {
  const texts = ['ida1', 'bo1', 'ida2', 'eva1', 'ida3'];

  it('at any point whatever loses nothing, keeps the order of every key, and at most repeats', async () => {
    let killed = 0;
    for (; ; killed++) {
      const ports = { topics: new MemoryTopics(), views: new MemoryViews() };
      await ports.topics.ensure([{ name: 'in', cleanup: 'delete' }]);
      await ports.topics.publish(texts.map((text) => ({ topic: 'in', key: text.slice(0, -1), value: Buffer.from(text), headers: { ce_id: text } })));
      const shop = { handled: [] as string[], faults: [away, new Error('accident'), away] as Error[] };
      const life = new Life(killed);
      await life.consume(ports, shop);
      if (!life.over) break;
      await new Life(Infinity).consume(ports, shop);
      const ofIda = shop.handled.filter((text) => text.startsWith('ida'));
      expect([killed, [...new Set(ofIda)], shop.handled.includes('eva1')]).toEqual([killed, ['ida1', 'ida2', 'ida3'], true]);
      expect((await new DeadLetters(ports).list()).map(({ key, code }) => [key, code])).toEqual([['bo', 'MESSAGE_INVALID']]);
    }
    expect(killed).toBeGreaterThan(20); // so many points there are
  });
});

interface Ports {
  readonly topics: Topics;
  readonly views: Views;
}

interface Shop {
  readonly handled: string[];
  readonly faults: Error[];
}

/** A process that ends after so many steps: before and after each thing it writes, and each message that it handles. */
class Life {
  over = false;
  readonly #end = new AbortController();

  constructor(private left: number) {}

  /** Until everything is done, or it is over. */
  async consume({ topics, views }: Ports, shop: Shop): Promise<void> {
    const handle = (message: TopicMessage): Promise<void> => this.#step(async () => handleIn(shop, message));
    const quickly = { quickDelays: [], retryDelays: [1, 1, 1, 1], claimMs: 30 };
    const stuck = setInterval(() => void this.#isDone({ topics, views }, shop).then((done) => done && this.#end.abort()), 3);
    await runConsumer({ topics: this.#mortal(topics, ['publish']), views: this.#mortalViews(views) }, { group: 'g', topics: ['in'], handle }, this.#end.signal, quickly).catch((error: unknown) => {
      if (!this.over) throw error;
    });
    clearInterval(stuck);
  }

  async #isDone({ topics, views }: Ports, { handled }: Shop): Promise<boolean> {
    const [lag] = await topics.lag('g', ['in']);
    return lag?.messages === 0 && (await views.names()).length === 0 && handled.includes('ida3');
  }

  #mortal<T extends object>(of: T, methods: readonly (keyof T)[]): T {
    return new Proxy(of, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        const call = (...wish: unknown[]): Promise<unknown> => (member as (...wish: unknown[]) => Promise<unknown>).apply(target, wish);
        return methods.includes(name as keyof T) ? (...wish: unknown[]) => this.#step(() => call(...wish)) : call;
      },
    });
  }

  #mortalViews(views: Views): Views {
    const open = async <T extends object>(definition: Parameters<Views['open']>[0]): Promise<View<T>> => this.#mortal((await views.open(definition)) as unknown as View<T>, ['put', 'write']);
    return { open, names: () => views.names(), drop: (name) => views.drop(name), close: async () => undefined };
  }

  async #step<R>(work: () => Promise<R>): Promise<R> {
    this.#live();
    const result = await work();
    this.#live();
    return result;
  }

  #live(): void {
    if (!this.over && this.left-- > 0) return;
    this.over = true;
    this.#end.abort();
    throw away; // whoever is dead tries nothing else
  }
}

const handleIn = (shop: Shop, { value }: TopicMessage): void => {
  const text = Buffer.from(value!).toString();
  if (text === 'bo1') throw wrong;
  const fault = text === 'ida1' ? shop.faults.pop() : undefined;
  if (fault) throw fault;
  shop.handled.push(text);
};
