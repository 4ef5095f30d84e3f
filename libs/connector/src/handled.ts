import type { ConnectorStore } from './store.port.js';

const day = 24 * 60 * 60 * 1000;
/** A message comes twice within minutes or hours of the first time, not after a month. */
const rememberedMs = 30 * day;
/** So many changes may wait for a disk together. */
const atOnce = 100;

/** Which events were handled, and which customers are gone. */
export class Handled {
  constructor(
    private readonly store: ConnectorStore,
    private readonly clock: () => Date,
  ) {}

  async has(following: string, event: string): Promise<boolean> {
    return (await this.store.get(`handled/${following}/${event}`)) !== undefined;
  }

  async add(following: string, event: string): Promise<void> {
    await this.store.put(`handled/${following}/${event}`, this.clock().toISOString());
  }

  /** For ever: a profile that was on its way when the customer was erased must not bring them back. */
  async markErased(customerId: string): Promise<void> {
    if (!(await this.isErased(customerId))) await this.store.put(`erased/${customerId}`, this.clock().toISOString());
  }

  async isErased(customerId: string): Promise<boolean> {
    return (await this.store.get(`erased/${customerId}`)) !== undefined;
  }

  async forgetOld(): Promise<void> {
    const oldest = new Date(this.clock().getTime() - rememberedMs).toISOString();
    await this.forget((await this.store.list('handled/')).filter(([, at]) => at < oldest));
  }

  /** So that everything of this kind is handled again. */
  async forgetAll(following: string): Promise<void> {
    await this.forget(await this.store.list(`handled/${following}/`));
  }

  private async forget(entries: readonly (readonly [key: string, at: string])[]): Promise<void> {
    for (let n = 0; n < entries.length; n += atOnce) await Promise.all(entries.slice(n, n + atOnce).map(([key]) => this.store.remove(key)));
  }
}
