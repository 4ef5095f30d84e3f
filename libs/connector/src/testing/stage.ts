import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type ErasureReceipt, type Message, topics } from '@kendt/contracts';
import type { Connector } from '../connector.options.js';
import { MemoryTransport } from '../memory.transport.js';
import { Messages } from './messages.js';
import { type CrashingStore, crashingStore } from './crashing.store.js';
import type { CheckOptions, SystemUnderTest } from './system.js';

const lookMs = 1;

/** One system that has just been set up, with topics and a memory of its own. What it does wrong is told by {@link fault}. */
export class Stage {
  readonly messages: Messages;
  readonly faults: string[] = [];
  private readonly topics = new MemoryTransport();
  private readonly memory = new Map<string, string>();
  private store: CrashingStore;
  private connector: Connector | undefined;
  private stopped: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly options: CheckOptions,
    private readonly system: SystemUnderTest,
  ) {
    this.messages = new Messages(options.system, options.brand ?? 'fjord');
    this.store = crashingStore(this.memory);
  }

  static async open(options: CheckOptions): Promise<Stage> {
    return new Stage(options, await options.open());
  }

  follows(what: 'customers' | 'consents' | 'erasures'): boolean {
    return this.options.follows?.includes(what) ?? true;
  }

  fault(sentence: string): void {
    this.faults.push(sentence);
  }

  /** Makes the system hold something of this customer; false when it holds nothing all the same. */
  async fill(customerId: string): Promise<boolean> {
    if (this.options.fill) await this.options.fill(this.system, customerId);
    else await this.hear(this.messages.profile(customerId));
    return (await this.holds(customerId)) !== undefined;
  }

  /** Publishes, and waits until everything has been handled or set aside. What was set aside is a fault. */
  async hear(...messages: readonly Message[]): Promise<void> {
    await this.topics.publish(messages);
    const connector = await this.running();
    await this.within('handle its messages', async () => Object.values(await connector.lag()).every((lag) => lag === 0));
    for (const { topic, reason } of await connector.parked()) this.fault(`A handler could not handle a message of ${topic}, however often it was tried: ${reason}.`);
  }

  /** Publishes one, and takes the process away after your handler has done its work and before anybody has noted it; then goes on as the next process would. */
  async hearAndCrash(message: Message): Promise<{ readonly before: unknown; readonly after: unknown }> {
    await this.running();
    const crash = this.store.crashAtNextMark();
    await this.topics.publish([message]);
    const handled = await this.within('handle a message', async () => crash.happened);
    const before = await this.holds(message.key);
    const [crashed, left] = [this.connector, this.store];
    this.connector = undefined;
    this.store = crashingStore(this.memory);
    this.stopped = Promise.resolve(crashed?.close()); // it never gets to note anything: its memory is gone
    left.letGo();
    if (handled) await this.hear();
    return { before, after: await this.holds(message.key) };
  }

  async holds(customerId: string): Promise<unknown> {
    return this.system.holds(customerId);
  }

  /** Every answer to the tasks, in order, a repeated one once. */
  receipts(): ErasureReceipt[] {
    const answers = this.topics.published(topics.erasureReceipts(this.options.system)) as ErasureReceipt[];
    return answers.filter((answer, n) => !answers.slice(0, n).some((earlier) => isDeepStrictEqual({ ...earlier, at: answer.at }, answer)));
  }

  async close(): Promise<void> {
    await this.connector?.close();
    await this.stopped;
    await this.system.close?.();
  }

  private async running(): Promise<Connector> {
    if (this.connector) return this.connector;
    const connector = await this.system.connect({ topics: this.topics, store: this.store });
    this.connector = connector;
    connector.run().catch((error: unknown) => {
      if (this.connector === connector) this.fault(`The connector stopped by itself: ${error instanceof Error ? error.message : String(error)}.`);
    });
    return connector;
  }

  private async within(what: string, done: () => Promise<boolean>): Promise<boolean> {
    const { patienceMs = 10_000 } = this.options;
    for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(lookMs)) if (await done()) return true;
    this.fault(`The connector did not ${what} within ${patienceMs} ms.`);
    return false;
  }
}
