import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { customer, customerStream } from '@kendt/domain';
import { type Views } from '@kendt/eventsourcing';
import { memoryPorts } from '@kendt/nest/testing';
import { customersName } from './customers.projection.js';
import { bo, ida, type ProfileTest, startProfile, till, web } from './profile.examples.js';

/** Views in which customers arrive late. */
const late = (views: Views, ms: number): Views => ({
  close: () => views.close(),
  names: () => views.names(),
  drop: (name) => views.drop(name),
  open: async (definition) => {
    const view = await views.open(definition);
    if (definition.name !== customersName) return view;
    const write: typeof view.write = async (writes) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return view.write(writes);
    };
    return Object.assign(Object.create(view) as typeof view, { write });
  },
});

describe('a view that is behind', () => {
  let service: ProfileTest;
  beforeAll(async () => {
    const ports = memoryPorts();
    service = await startProfile({ ...ports, views: late(ports.views, 150) });
  });
  afterAll(() => service.close());

  const find = (email: string, headers = {}) => service.ask('/v1/customers/find', { body: { email, reason: 'till' }, as: till, headers });

  it('is waited for: a customer is shown as the stream has them', async () => {
    await service.group.register(bo, { contact: { email: 'bo@example.org' } });
    expect((await service.ask(`/v1/customers/${bo}`, { as: web })).body).toMatchObject({ email: 'bo@example.org', emailVerified: false });
    await service.group.act(customer, customerStream(bo), { type: 'VerifyEmail', data: { emailClaim: `claim-of-${bo}` } });
    expect((await service.ask(`/v1/customers/${bo}`, { as: web })).body['emailVerified']).toBe(true);
  });

  it('finds nobody by an address that is no longer theirs', async () => {
    expect((await find('ida.holm@example.org')).status).toBe(200);
    const looks = (await service.looks(ida)).length;
    await service.group.act(customer, customerStream(ida), { type: 'ChangeContact', data: { contact: { email: 'ida@example.org' }, language: 'da' } });
    expect((await find('ida.holm@example.org')).code).toBe('CUSTOMER_NOT_FOUND');
    expect(await service.looks(ida)).toHaveLength(looks);
    expect((await find('ida@example.org')).status).toBe(200);
  });
});
