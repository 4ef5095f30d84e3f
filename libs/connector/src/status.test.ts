import { afterEach, describe, expect, it } from '@jest/globals';
import { connectorMessages, fromMessage, topics } from '@kendt/contracts';
import { at, closeAll, eventually, profile, start } from './connector.examples.js';
import { MemoryTransport } from './memory.transport.js';
import { statusOf } from './status.js';

afterEach(closeAll);

const told = (transport: MemoryTransport) =>
  transport.messages.filter(({ topic }) => topic === topics.connectors('crm')).map((message) => fromMessage(message, connectorMessages).data);
const parked = { topic: 't', partition: 0, key: 'ida', blocks: true };

describe('what Kendt is told about a connector', () => {
  it('is said at the start, with what it follows and in which groups', async () => {
    const transport = new MemoryTransport();
    await start(transport, (crm) => crm.onCustomer(() => undefined).onErasure(() => ({ outcome: 'erased' })), { brands: ['fjord'] });
    await eventually(() => told(transport).length === 1);
    expect(told(transport)).toEqual([
      {
        systemId: 'crm', at, version: expect.stringMatching(/^kendt-connector \d/), brandIds: ['fjord'], parked: [],
        follows: [{ what: 'customers', group: 'crm.customers' }, { what: 'erasures', group: 'crm.erasures' }],
      },
    ]);
  });

  it('is said again when a message was set aside, and when everything is read anew', async () => {
    const transport = new MemoryTransport();
    const fail = (): never => {
      throw new TypeError('ida@example.org');
    };
    const crm = await start(transport, (connector) => connector.onCustomer(fail), { tries: 1, statusMs: 5 });
    await transport.publish([profile('ida')]);
    await eventually(() => told(transport).at(-1)?.parked.length === 1);
    expect(told(transport).at(-1)?.parked).toEqual([{ what: 'customers', reason: 'TypeError', messages: 1, since: at }]);
    await crm.reload();
    await eventually(() => told(transport).at(-1)?.follows[0]?.group === 'crm.customers.1');
    expect(JSON.stringify(told(transport))).not.toContain('@example');
  });

  it('is said from time to time where nothing changes', async () => {
    const transport = new MemoryTransport();
    await start(transport, (crm) => crm.onCustomer(() => undefined), { statusMs: 1 });
    await eventually(() => told(transport).length > 2);
  });

  it('stops nothing when it cannot be said', async () => {
    const transport = new MemoryTransport();
    const publish = transport.publish.bind(transport);
    let refused = 0;
    transport.publish = async (messages) => {
      if (messages[0]?.topic !== topics.connectors('crm')) return publish(messages);
      refused++;
      throw new Error('No such topic');
    };
    const heard: string[] = [];
    await start(transport, (crm) => crm.onCustomer(({ customerId }) => void heard.push(customerId)), { statusMs: 1 });
    await eventually(() => refused > 1);
    await transport.publish([profile('ida')]);
    await eventually(() => heard.includes('ida'));
  });

  it('sums up what waits, and quotes no error', () => {
    const waiting = ['b', 'a', 'a'].map((reason, n) => ({ ...parked, following: 'customers' as const, reason, since: `2026-03-0${n + 1}T00:00:00.000Z`, offset: String(n) }));
    const odd = { ...parked, following: 'erasures' as const, reason: 'ida@example.org', since: at, offset: '9' };
    expect(statusOf({ brands: undefined, follows: [], parked: [...waiting, odd] }).parked).toEqual([
      { what: 'customers', reason: 'b', messages: 1, since: '2026-03-01T00:00:00.000Z' },
      { what: 'erasures', reason: 'ERROR', messages: 1, since: at },
      { what: 'customers', reason: 'a', messages: 2, since: '2026-03-02T00:00:00.000Z' },
    ]);
  });
});
