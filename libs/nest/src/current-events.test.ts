import { beforeEach, describe, expect, it } from '@jest/globals';
import { customer, customerStream } from '@kendt/domain';
import { decision, deterministicId, handle, MemoryEventStore, MemoryKeyRing, readAll, readState } from '@kendt/eventsourcing';
import { erased } from '@kendt/kernel';
import { activeInStream } from './auth/customer-status.js';
import { closedEvents, currentEvents } from './current-events.js';

describe('the events as Kendt reads them', () => {
  const ports = { events: new MemoryEventStore(), keys: new MemoryKeyRing() };
  const store = currentEvents(ports);
  const stream = customerStream('ida');
  const at = '2026-03-01T12:00:00.000Z';
  const contact = { email: 'ida.holm@example.org' };
  const context = (name: string) => ({ commandId: deterministicId(name), actor: { kind: 'system' as const, id: 'test' } });
  beforeEach(async () => {
    const register = decision(customer, stream, { type: 'RegisterCustomer', at, data: { kind: 'guest', brandId: 'fjord', language: 'da', contact } });
    await handle(store, [register], context('register'), at);
  });

  it('are opened for those who hold the keys, and closed for those who need none', async () => {
    expect((await readAll(store, stream))[0]).toMatchObject({ personal: { contact }, metadata: { schemaVersion: '1' } });
    expect((await readAll(closedEvents(ports.events), stream))[0]).toMatchObject({ data: { brandId: 'fjord' }, personal: { contact: erased } });
    await expect(closedEvents(ports.events).append([])).rejects.toThrow('past the seal');
  });

  it('let nobody in, and decide nothing, on what a newer Kendt has written', async () => {
    const isActive = activeInStream(closedEvents(ports.events));
    expect(await isActive('ida')).toBe(true);
    const [registered] = await readAll(ports.events, stream);
    const ofTomorrow = { ...registered!, id: deterministicId('frozen'), type: 'CustomerFrozen', data: { cases: ['case-1'] }, metadata: { ...registered!.metadata, schemaVersion: '2' } };
    const { personal: _, ...frozen } = ofTomorrow;
    await ports.events.append([{ stream, expected: 0, events: [frozen] }]);
    const tooNew = { code: 'EVENT_TOO_NEW', kind: 'busy' };
    await expect(isActive('ida')).rejects.toMatchObject(tooNew);
    await expect(readState(store, customer, stream)).rejects.toMatchObject(tooNew);
    await expect(handle(store, [decision(customer, stream, { type: 'JoinBrand', at, data: { brandId: 'lund' } })], context('join'), at)).rejects.toMatchObject(tooNew);
    expect(await readAll(ports.events, stream)).toHaveLength(2);
  });
});
