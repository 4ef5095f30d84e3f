import { expect, it } from '@jest/globals';
import { customer, type CustomerCommand, customerStream, login, loginStream } from '@kendt/domain';
import { decision, handle, MemoryEventStore, randomId } from '@kendt/eventsourcing';
import { activeInStream } from './customer-status.js';

const at = '2026-01-01T12:00:00.000Z';

it('only a customer who is there, and neither suspended nor frozen, is active', async () => {
  const events = new MemoryEventStore();
  const isActive = activeInStream(events);
  const id = randomId();
  const run = (command: CustomerCommand): Promise<unknown> =>
    handle(events, [decision(customer, customerStream(id), command)], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
  expect(await isActive(id)).toBe(false);
  await run({ type: 'RegisterCustomer', at, data: { kind: 'full', brandId: 'fjord', language: 'da', contact: {} } });
  expect(await isActive(id)).toBe(true);
  await run({ type: 'SuspendCustomer', at, data: { reason: 'requested' } });
  expect(await isActive(id)).toBe(false);
  await run({ type: 'ReinstateCustomer', at, data: {} });
  expect(await isActive(id)).toBe(true);
  await run({ type: 'FreezeCustomer', at, data: { caseId: 'case-1' } });
  expect(await isActive(id)).toBe(false);
  await run({ type: 'EraseCustomer', at, data: { caseId: 'case-1' } });
  expect(await isActive(id)).toBe(false);
});

it('a token that was issued before the sessions were revoked stays dead', async () => {
  const events = new MemoryEventStore();
  const isActive = activeInStream(events);
  const id = randomId();
  const context = { commandId: randomId(), actor: { kind: 'system' as const, id: 'test' } };
  const register: CustomerCommand = { type: 'RegisterCustomer', at, data: { kind: 'full', brandId: 'fjord', language: 'da', contact: {} } };
  await handle(events, [decision(customer, customerStream(id), register), decision(login, loginStream(id), { type: 'RevokeSessions', at, data: { reason: 'suspension' } })], context, at);
  const second = Date.parse(at) / 1000;
  expect([await isActive(id, second - 1), await isActive(id, second), await isActive(id, second + 1), await isActive(id)]).toEqual([false, true, true, true]);
});
