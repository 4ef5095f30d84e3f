import { setTimeout as sleep } from 'node:timers/promises';
import { type CustomerProfile, toMessage, topics } from '@kendt/contracts';
import { connect } from './connector.js';
import type { Connector, ConnectorOptions } from './connector.options.js';
import { MemoryTransport } from './memory.transport.js';
import { sqlStore } from './sql.store.js';
import type { ConnectorStore } from './store.port.js';

/* For tests: Ida and Bo, what happens to them, and a CRM that hears of it. */

export const at = '2026-03-01T09:30:00.000Z';
let ids = 0;
export const send = (topic: string, type: string, key: string, data: object | null, id = `event-${++ids}`) =>
  toMessage({ topic, type, key, source: 'urn:kendt:test', id, time: at, data });

export const profileOf = (customerId: string, brandId = 'fjord'): CustomerProfile => ({ customerId, brandId, kind: 'full', email: `${customerId}@example.org`, emailVerified: true, language: 'da', consents: [] });
export const profile = (customerId: string, id?: string) => send(topics.profiles('fjord'), 'kendt.profile.changed.v1', customerId, profileOf(customerId), id);
export const gone = (customerId: string) => send(topics.profiles('fjord'), 'kendt.profile.changed.v1', customerId, null);
export const withdrawn = (customerId: string, brandId = 'fjord') =>
  send(topics.consents, 'kendt.consent.withdrawn.v1', customerId, { customerId, at, brandId, purposeId: 'newsletter' });
export const task = (customerId: string, systemId = 'crm', id?: string) =>
  send(topics.erasureTasks, 'kendt.erasure.task-issued.v1', customerId, { taskId: `task-${customerId}`, caseId: 'case-1', customerId, systemId, kind: 'erase', issuedAt: at, dueAt: at }, id);

export const memoryStore = (values = new Map<string, string>()): ConnectorStore =>
  sqlStore({
    get: (key) => values.get(key),
    put: (key, value) => values.set(key, value),
    remove: (key) => values.delete(key),
    list: (prefix) => [...values].filter(([key]) => key.startsWith(prefix)).sort(),
  });

const running: Connector[] = [];
export const closeAll = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((connector) => connector.close()));
};

/** To be closed by {@link closeAll}. */
export const toClose = (connector: Connector): Connector => {
  running.push(connector);
  return connector;
};

export const start = async (transport: MemoryTransport, handlers: (connector: Connector) => unknown, options: Partial<ConnectorOptions> = {}): Promise<Connector> => {
  const connector = connect({ system: 'crm', topics: transport, store: memoryStore(), backoffMs: 1, clock: () => new Date(at), onError: () => undefined, ...options });
  handlers(connector);
  running.push(connector);
  void connector.run();
  await connector.ready;
  return connector;
};
export const eventually = async (check: () => boolean | Promise<boolean>): Promise<void> => {
  for (let n = 0; n < 400; n++, await sleep(5)) if (await check()) return;
  throw new Error('did not happen');
};
