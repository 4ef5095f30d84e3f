import { afterEach, describe, expect, it } from '@jest/globals';
import { customerStream } from '@kendt/domain';
import type { Ports } from '@kendt/nest';
import type { TestService } from '@kendt/nest/testing';
import { Installation, ida, invoice, until } from './erasure.examples.js';

/** Cuts the power right before or right after the nth time that something outside memory is changed. */
class Power {
  steps: string[] = [];
  #off = false;
  #cut: () => void = () => undefined;
  readonly gone = new Promise<void>((resolve) => (this.#cut = resolve));

  constructor(private readonly at: number, private readonly moment: 'before' | 'after') {}

  async through<T>(step: string, work: () => Promise<T>): Promise<T> {
    if (this.#off) throw new Error('No power');
    this.steps.push(step);
    const last = this.steps.length === this.at;
    if (last && this.moment === 'before') this.#fail();
    const done = await work();
    if (last) this.#fail();
    return done;
  }

  #fail(): never {
    this.#off = true;
    this.#cut();
    throw new Error('No power');
  }

  wire(ports: Ports): Ports {
    const { events, topics, keys, views } = ports;
    return {
      events: { append: (appends) => this.through(appends.flatMap((append) => append.events.map(({ type }) => type)).join(), () => events.append(appends)), read: (...args) => events.read(...args), subscribe: (options) => events.subscribe(options), close: () => events.close() },
      topics: { publish: (messages) => this.through('publish', () => topics.publish(messages)), ensure: (definitions) => topics.ensure(definitions), consume: (options) => topics.consume(options), read: (...args) => topics.read(...args), rewind: (...args) => topics.rewind(...args), lag: (...args) => topics.lag(...args), names: () => topics.names(), close: () => topics.close() },
      keys: { destroy: (id, group) => this.through(`destroy ${group}`, () => keys.destroy(id, group)), obtain: (...args) => keys.obtain(...args), find: (...args) => keys.find(...args), isDestroyed: (...args) => keys.isDestroyed(...args), tombstones: () => keys.tombstones(), compared: () => keys.compared(), noteCompared: (upTo) => keys.noteCompared(upTo), close: () => keys.close() },
      // A checkpoint is lost with the power as well, so what was done since the last one is done again.
      views: { close: () => views.close(), names: () => views.names(), drop: (name) => views.drop(name), open: async (definition) => {
        const view = await views.open(definition);
        const alive = <T>(work: () => Promise<T>): Promise<T> => (this.#off ? Promise.reject(new Error('No power')) : work());
        return {
          get: (id) => view.get(id), getEach: (ids) => view.getEach(ids), find: (...args) => view.find(...args), list: (page) => view.list(page), count: () => view.count(),
          put: (...args) => alive(() => view.put(...args)), delete: (id) => alive(() => view.delete(id)), write: (writes) => alive(() => view.write(writes)),
        };
      } },
    };
  }
}

describe('an erasure whose power is cut', () => {
  const open: Installation[] = [];
  afterEach(async () => {
    for (const shop of open.splice(0)) await shop.end();
  });

  /** Asks, confirms, waits: whatever fails on the way is asked again, as a person would. */
  const carryOn = async (service: TestService, shop: Installation, customerId: string): Promise<string> => {
    const asked = await service.request('/v1/erasure-cases', { body: { customerId }, as: { scopes: ['erasure:request'], brand: 'fjord' } });
    if (asked.status === 202) {
      const { caseId } = (await asked.json()) as { caseId: string };
      const types = await shop.caseEvents(caseId);
      if (types.length === 1) await service.request(`/v1/erasure-cases/${caseId}/confirm`, { body: { token: await shop.confirmToken() }, as: { scopes: ['erasure:request'], brand: 'fjord' } });
    }
    return until(async () => {
      const erased = (await shop.events(customerStream(customerId))).find(({ type }) => type === 'CustomerFrozen') as { data?: { caseId?: string } } | undefined;
      const caseId = erased?.data?.caseId;
      return caseId && (await shop.caseEvents(caseId)).includes('ErasureCompleted') && caseId;
    }, 8000);
  };

  const prepare = async (systems: readonly string[]): Promise<{ shop: Installation; customerId: string }> => {
    const shop = await Installation.open();
    open.push(shop);
    await shop.declare(...systems);
    shop.runSystem('crm', () => ({ outcome: 'erased' }));
    shop.runSystem('erp', () => ({ outcome: 'retained', retained: [invoice] }));
    return { shop, customerId: await shop.register() };
  };

  const erasedOnce = async (shop: Installation, customerId: string, caseId: string, systems: number): Promise<void> => {
    const types = await shop.caseEvents(caseId);
    const count = (type: string): number => types.filter((each) => each === type).length;
    expect({ types, once: ['RequesterConfirmed', 'KeysDestroyed', 'ErasureCompleted'].map(count) }).toEqual({ types, once: [1, 1, 1] });
    expect([count('TaskIssued'), count('TaskAcknowledged')]).toEqual([systems, systems]);
    const customer = await shop.events(customerStream(customerId));
    expect(customer.map(({ type }) => type)).toEqual(['CustomerRegistered', 'CustomerFrozen', 'CustomerErased']);
    expect(customer[0]?.personal).toEqual({ contact: 'erased' });
    for (const group of ['contact', 'credential', 'purchases'] as const) expect(await shop.ports.keys.obtain(customerId, group)).toBeUndefined();
    await until(async () => shop.mails().length === 0);
    expect(await shop.register(ida.email)).not.toBe(customerId);
  };

  const run = async (cut: number, moment: 'before' | 'after', systems: readonly string[] = ['crm', 'erp']): Promise<readonly string[]> => {
    const { shop, customerId } = await prepare(systems);
    const power = new Power(cut, moment);
    const first = await shop.start(power.wire(shop.ports));
    const finished = carryOn(first, shop, customerId).catch(() => undefined);
    const caseId = await Promise.race([power.gone.then(() => undefined), finished]);
    if (caseId) {
      await erasedOnce(shop, customerId, caseId, systems.length);
      return power.steps;
    }
    await first.close();
    const second = await shop.start();
    await erasedOnce(shop, customerId, await carryOn(second, shop, customerId), systems.length);
    return power.steps;
  };

  /** Some are taken twice when two readers of the same event race; the second time nothing is appended. */
  const steps = 14;

  it('takes the steps that are cut below', async () => {
    const taken = await run(Infinity, 'after');
    expect(taken.length).toBeLessThanOrEqual(steps);
    expect(taken.filter((step) => step === 'publish')).toHaveLength(1);
    expect(taken.filter((step) => step.startsWith('destroy'))).toEqual(['destroy contact', 'destroy credential', 'destroy purchases']);
  });

  it.each(Array.from({ length: steps }, (_, n) => n + 1))('goes on after step %i, and does nothing twice', async (cut) => {
    await run(cut, 'after');
  }, 20_000);

  it.each([1, 3, 10])('goes on from before step %i', async (cut) => {
    await run(cut, 'before');
  }, 20_000);

  it('goes on where no system holds anything', async () => {
    for (const cut of [2, 4, 5, 6]) await run(cut, 'after', []);
  }, 30_000);
});
