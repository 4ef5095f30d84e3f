import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { toMessage, topics } from '@kendt/contracts';
import { connect } from './connector.js';
import { at, closeAll, eventually, gone, memoryStore, profile, profileOf, send, start, task, toClose, withdrawn } from './connector.examples.js';
import type { ConnectorProblem } from './connector.options.js';
import { erased } from './erasure-answer.js';
import { Handled } from './handled.js';
import { MemoryTransport } from './memory.transport.js';

afterEach(closeAll);

describe('a connector', () => {
  it('tells of customers that changed, and of those who are gone', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([profile('ida')]);
    await start(transport, (crm) => crm.onCustomer((change) => void heard.push(`${change.kind} ${change.customerId} ${change.brandId}`)));
    expect(heard).toEqual(['changed ida fjord']);
    await transport.publish([gone('ida')]);
    await eventually(() => heard.length === 2);
    expect(heard[1]).toBe('gone ida fjord');
  });

  it('tells of consents of its own brands only', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([withdrawn('ida', 'lund'), withdrawn('ida')]);
    await start(transport, (crm) => crm.onConsent(({ brandId, state }) => void heard.push(`${state} ${brandId}`)), { brands: ['fjord'] });
    expect(heard).toEqual(['withdrawn fjord']);
  });

  it('hears the same event once, in this run and the next', async () => {
    const transport = new MemoryTransport();
    const values = new Map<string, string>();
    let calls = 0;
    await transport.publish([profile('ida', 'event-x'), profile('ida', 'event-x')]);
    const first = await start(transport, (crm) => crm.onCustomer(() => void calls++), { store: memoryStore(values) });
    await first.close();
    await transport.publish([profile('ida', 'event-x')]);
    await start(transport, (crm) => crm.onCustomer(() => void calls++), { store: memoryStore(values) });
    expect(calls).toBe(1);
  });

  it('hears an event from every brand that tells of it: only source and id together name a message', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    const from = (brandId: string) => toMessage({ topic: topics.profiles(brandId), type: 'kendt.profile.changed.v1', key: 'ida', source: `urn:kendt:profile:${brandId}`, id: 'event-y', time: at, data: profileOf('ida', brandId) });
    await transport.publish([from('fjord'), from('lund'), from('lund')]);
    await start(transport, (crm) => crm.onCustomer(({ brandId }) => void heard.push(brandId)));
    expect(heard).toEqual(['fjord', 'lund']);
  });

  it('remembers ids and never personal data', async () => {
    const transport = new MemoryTransport();
    const values = new Map<string, string>();
    await transport.publish([profile('ida'), profile('bo'), task('ida')]);
    const fails = () => {
      throw new Error('bo@example.org is not a valid address');
    };
    await start(transport, (crm) => crm.onCustomer(({ customerId }) => (customerId === 'bo' ? fails() : undefined)).onErasure(() => erased()), { store: memoryStore(values), tries: 2 });
    expect(values.size).toBeGreaterThan(3);
    expect(JSON.stringify([...values])).not.toContain('@example.org');
  });

  it('reads everything again when asked, but does not bring erased customers back', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    let tasks = 0;
    await transport.publish([profile('ida'), profile('bo'), task('bo')]);
    const crm = await start(transport, (crm) => crm.onCustomer(({ customerId }) => void heard.push(customerId)).onErasure(() => (tasks++, erased())));
    heard.length = 0;
    await crm.reload();
    await eventually(() => heard.length > 0);
    await sleep(20);
    expect([heard, tasks]).toEqual([['ida'], 1]);
  });

  it('waits for no message of a later version', async () => {
    const transport = new MemoryTransport();
    const problems: ConnectorProblem[] = [];
    await transport.publish([send(topics.consents, 'kendt.consent.paused.v2', 'ida', { customerId: 'ida' })]);
    const crm = await start(transport, (crm) => crm.onConsent(() => undefined), { onError: (problem) => problems.push(problem) });
    expect([problems, await crm.parked()]).toEqual([[], []]);
  });

  it('says what it has not handled yet', async () => {
    const transport = new MemoryTransport();
    const crm = await start(transport, (crm) => crm.onCustomer(() => undefined).onConsent(() => undefined));
    expect(await crm.lag()).toEqual({ customers: 0, consents: 0 });
    await crm.close();
    await transport.publish([profile('ida'), withdrawn('ida')]);
    expect(await crm.lag()).toEqual({ customers: 1, consents: 1 });
  });

  it('is ready once it has handled what was there, also when there is always something new', async () => {
    const transport = new MemoryTransport();
    await transport.publish([profile('ida'), profile('bo')]);
    const crm = toClose(connect({ system: 'crm', topics: transport, store: memoryStore() }));
    let heard = 0;
    crm.onCustomer(async () => {
      heard++;
      await transport.publish([profile('eva')]);
      await sleep(1);
    });
    void crm.run();
    await crm.ready;
    expect(heard).toBeGreaterThanOrEqual(2);
    expect(await crm.lag()).not.toEqual({ customers: 0 });
  });

  it('asks more seldom how far it is, the longer that takes', async () => {
    const transport = new MemoryTransport();
    let asked = 0;
    const counting = new Proxy(transport, { get: (target, name: keyof MemoryTransport) => (name === 'lag' && asked++, target[name]) });
    await transport.publish([profile('ida')]);
    const crm = toClose(connect({ system: 'crm', topics: counting, store: memoryStore() }));
    crm.onCustomer(() => sleep(600));
    void crm.run();
    await crm.ready;
    expect(asked).toBeLessThan(25); // every 20 ms would be 30
  });

  it('runs once, and takes handlers before it runs', async () => {
    const crm = await start(new MemoryTransport(), (crm) => crm.onCustomer(() => undefined));
    expect(() => crm.run()).toThrow('runs already');
    expect(() => crm.onErasure(() => erased())).toThrow('before');
  });

  it('stops when its signal says so, though a handler waits for its next try', async () => {
    const transport = new MemoryTransport();
    await transport.publish([profile('ida')]);
    const crm = connect({ system: 'crm', topics: transport, store: memoryStore(), backoffMs: 60_000, onError: () => stop.abort() });
    const stop = new AbortController();
    crm.onCustomer(() => Promise.reject(new Error('down')));
    await crm.run(stop.signal);
    await expect(crm.ready).rejects.toThrow('stopped');
    expect(await transport.lag({ group: 'crm.customers', topics: [topics.profiles('fjord')] })).toBe(1);
  });

  it('stops as a whole when a part of it cannot go on', async () => {
    const transport = new MemoryTransport();
    transport.lag = () => Promise.reject(new Error('the disk is gone'));
    const consume = transport.consume.bind(transport);
    let ended = false;
    transport.consume = (consumer) => consume(consumer).then(() => void (ended = true));
    const crm = connect({ system: 'crm', topics: transport, store: memoryStore() }).onCustomer(() => undefined);
    await expect(crm.run()).rejects.toThrow('the disk is gone');
    expect(ended).toBe(true);
    await expect(crm.ready).rejects.toThrow('the disk is gone');
  });

  it.each([
    ['kafka://localhost:9092?tls=perhaps', 'has a tls that is neither true nor false'],
    ['redis://x', 'sqlite:<file> or kafka://<host>:<port>, not as redis:'],
    ['/var/topics.db', 'a plain path'],
    ['sqlite:', 'sqlite:<file>'],
  ])('refuses %s with a sentence', (url, sentence) => {
    expect(() => connect({ system: 'crm', topics: url, store: memoryStore() })).toThrow(sentence);
  });
});

describe('a handler that fails', () => {
  it('is tried again, with a pause', async () => {
    const transport = new MemoryTransport();
    const problems: ConnectorProblem[] = [];
    let calls = 0;
    await transport.publish([profile('ida')]);
    const crm = await start(transport, (crm) => crm.onCustomer(() => (++calls < 3 ? Promise.reject(new TypeError('not now')) : undefined)), { onError: (problem) => problems.push(problem) });
    expect(problems).toMatchObject([{ key: 'ida', attempt: 1, reason: 'TypeError' }, { attempt: 2 }]);
    expect([calls, await crm.parked()]).toEqual([3, []]);
  });

  it('parks the message; those of the same customer wait, others go on; then all come in order', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    let broken = true;
    await transport.publish([profile('ida', 'i1'), profile('bo', 'b1'), profile('ida', 'i2')]);
    const handler = ({ customerId }: { customerId: string }, { id }: { id: string }) => {
      if (broken && customerId === 'ida') throw new Error('down');
      heard.push(id);
    };
    const crm = await start(transport, (crm) => crm.onCustomer(handler), { tries: 2 });
    expect(heard).toEqual(['b1']);
    expect(await crm.parked()).toMatchObject([{ key: 'ida', reason: 'Error', offset: '0' }, { key: 'ida', reason: 'WAITS', offset: '2' }]);
    expect(await crm.retryParked()).toBe(2);
    broken = false;
    expect(await crm.retryParked()).toBe(0);
    expect(heard).toEqual(['b1', 'i1', 'i2']);
  });

  it('holds up those behind it when it fails again, though they would not fail', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([profile('ida', 'i1'), profile('ida', 'i2')]);
    const handler = (_: object, { id }: { id: string }) => {
      if (id === 'i1') throw new Error('never');
      heard.push(id);
    };
    const crm = await start(transport, (crm) => crm.onCustomer(handler), { tries: 1 });
    expect(await crm.retryParked()).toBe(2);
    expect(heard).toEqual([]);
  });

  it('finds what it parked after a restart', async () => {
    const transport = new MemoryTransport();
    const values = new Map<string, string>();
    await transport.publish([profile('ida')]);
    const first = await start(transport, (crm) => crm.onCustomer(() => Promise.reject(new Error('down'))), { store: memoryStore(values), tries: 1 });
    await first.close();
    const heard: string[] = [];
    await start(transport, (crm) => crm.onCustomer(({ customerId }) => void heard.push(customerId)), { store: memoryStore(values) });
    expect(heard).toEqual(['ida']);
  });

  it('tries what is parked again by itself', async () => {
    const transport = new MemoryTransport();
    let broken = true;
    await transport.publish([profile('ida')]);
    const crm = await start(transport, (crm) => crm.onCustomer(() => (broken ? Promise.reject(new Error('down')) : undefined)), { tries: 1, retryParkedMs: 10 });
    expect(await crm.parked()).toHaveLength(1);
    broken = false;
    await eventually(async () => (await crm.parked()).length === 0);
  });

  it('is not asked about what nobody can read: that is parked alone', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([{ ...profile('ida'), value: Buffer.from('{') }, profile('ida', 'whole')]);
    const crm = await start(transport, (crm) => crm.onCustomer((_, { id }) => void heard.push(id)));
    expect(heard).toEqual(['whole']);
    expect(await crm.parked()).toMatchObject([{ reason: 'Refusal MESSAGE_NOT_JSON' }]);
  });
});

describe('the memory of handled events', () => {
  it('is forgotten after a month; that somebody was erased is not', async () => {
    let now = '2026-03-01T09:30:00.000Z';
    const handled = new Handled(memoryStore(), () => new Date(now));
    await handled.add('customers', 'old');
    await handled.markErased('ida');
    now = '2026-03-30T09:30:00.000Z';
    await handled.add('customers', 'young');
    await handled.forgetOld();
    expect(await handled.has('customers', 'old')).toBe(true);
    now = '2026-04-01T09:30:00.000Z';
    await handled.forgetOld();
    expect([await handled.has('customers', 'old'), await handled.has('customers', 'young'), await handled.isErased('ida')]).toEqual([false, true, true]);
  });
});
