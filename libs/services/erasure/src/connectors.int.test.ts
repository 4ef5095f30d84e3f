import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ConnectorStatus, type SystemDetails, toMessage, topics as names } from '@kendt/contracts';
import { randomId } from '@kendt/eventsourcing';
import { Installation, until } from './erasure.examples.js';

const manager = { clientId: 'compliance', scopes: ['erasure:manage'] };
const at = '2026-03-01T09:30:00.000Z';

describe('the connector of a system', () => {
  let shop: Installation;

  beforeEach(async () => {
    shop = await Installation.open();
    await shop.declare('crm', 'erp');
    await shop.start();
    await until(async () => (await shop.ports.topics.names()).includes(names.connectors('erp')));
    await shop.ports.topics.ensure([{ name: names.profiles('fjord'), cleanup: 'compact' }, { name: names.profiles('lund'), cleanup: 'compact' }]);
  });
  afterEach(() => shop.end());

  const say = (status: Partial<ConnectorStatus> = {}, topic = names.connectors('crm')): Promise<void> => {
    const data = { systemId: 'crm', at, version: 'crm 1.0', follows: [], parked: [], ...status };
    return shop.ports.topics.publish([toMessage({ topic, key: data.systemId, type: 'kendt.connector.status.v1', source: 'urn:kendt:system:crm', id: randomId(), time: at, data })]);
  };
  const system = async (id = 'crm') => (await (await shop.service.request(`/v1/systems/${id}`, { as: manager })).json()) as SystemDetails;
  const profile = (brandId: string, customerId: string) =>
    toMessage({ topic: names.profiles(brandId), key: customerId, type: 'kendt.profile.changed.v1', source: 'urn:kendt:profile', id: customerId, time: at, data: {} });

  it('is shown with its system: when it was heard of, what it has still to do, and what it set aside', async () => {
    const parked = [{ what: 'customers' as const, reason: 'Error SQLITE_FULL', messages: 3, since: at }];
    await shop.ports.topics.publish([profile('fjord', 'ida'), profile('fjord', 'bo'), profile('lund', 'ida')]);
    await say({ parked, follows: [{ what: 'customers', group: 'crm.customers' }, { what: 'consents', group: 'crm.consents' }, { what: 'erasures', group: 'crm.erasures' }] });
    const { connector } = await until(async () => ((await system()).connector ? system() : undefined));
    const follows = [{ what: 'customers', lag: 3 }, { what: 'consents', lag: 0 }, { what: 'erasures', lag: 0 }];
    expect(connector).toEqual({ lastSeenAt: at, version: 'crm 1.0', parked, follows });
    expect((await system('erp')).connector).toBeUndefined();
  });

  it('is asked for the brands it follows, and in the groups it reads in now', async () => {
    await shop.ports.topics.publish([profile('fjord', 'ida'), profile('lund', 'ida')]);
    await say({ brandIds: ['fjord'], follows: [{ what: 'customers', group: 'crm.customers' }] });
    await until(async () => (await system()).connector?.follows[0]?.lag === 1);
    const stop = new AbortController();
    await shop.ports.topics.consume({ topics: [names.profiles('fjord')], group: 'crm.customers.1', handle: async () => stop.abort(), signal: stop.signal });
    await say({ brandIds: ['fjord'], follows: [{ what: 'customers', group: 'crm.customers.1' }] });
    await until(async () => (await system()).connector?.follows[0]?.lag === 0);
  });

  it('speaks for its own system alone', async () => {
    await say({ systemId: 'erp' });
    await say({ follows: [{ what: 'customers', group: 'erasure-receipts' }] });
    const dead = `${names.connectors('crm')}.erasure-connectors.dlq`;
    const reasons = await until(async () => {
      const found: (string | undefined)[] = [];
      if ((await shop.ports.topics.names()).includes(dead)) for await (const { headers } of shop.ports.topics.read(dead)) found.push(headers['kendt-reason']);
      return found.length === 2 && found;
    });
    expect(reasons).toEqual(['SYSTEM_NOT_OF_TOPIC', 'GROUP_OF_ANOTHER_SYSTEM']);
    expect([await system(), await system('erp')].map(({ connector }) => connector)).toEqual([undefined, undefined]);
  });
});
