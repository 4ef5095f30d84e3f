import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, accessStream, customer, customerStream, purchases, purchasesStream } from '@kendt/domain';
import type { Views } from '@kendt/eventsourcing';
import { Followers } from '@kendt/nest';
import { accessesName } from './accesses.projection.js';
import { customersName } from './customers.projection.js';
import { bo, ida, type ProfileTest, startProfile } from './profile.examples.js';
import { purchasesName } from './purchases.projection.js';

/** Everything that is kept in a view, as text. */
const content = async (views: Views, name: string): Promise<string> => JSON.stringify((await (await views.open<object>({ name })).list({ limit: 1000 })).documents);

describe('what an erasure leaves in the views', () => {
  let service: ProfileTest;
  beforeAll(async () => (service = await startProfile()));
  afterAll(() => service.close());

  const all = async (): Promise<string> => (await Promise.all([customersName, accessesName, purchasesName].map((name) => content(service.ports.views, name)))).join();
  const through = (position: string) =>
    Promise.all([customersName, accessesName, purchasesName].map((name) => service.app.get(Followers).waitFor(name, position)));

  it('is nothing of the one who is erased, and everything of others', async () => {
    await service.group.register(bo, { contact: { email: 'bo@example.org' } });
    for (const id of [ida, bo]) {
      for (let n = 0; n < 3; n++) await service.bought(id, { purchaseId: `purchase-${n}`, orderNumber: `${id}-${n}` });
      await service.group.act(access, accessStream(id), { type: 'RecordViewing', data: { clientId: 'fjord-till', role: 'till', reason: 'till', brandId: 'fjord', fields: ['email'] } });
    }
    const { position } = await service.group.act(customer, customerStream(ida), { type: 'VerifyEmail', data: { emailClaim: `claim-of-${ida}` } });
    await through(position);
    expect((await all()).split(ida).length).toBeGreaterThan(5);
    await through((await service.group.erase(ida)).position);
    const left = await all();
    expect(left).not.toMatch(new RegExp(`${ida}|ida\\.holm|Holm|20123456`));
    expect(left.split(`"customerId":"${bo}"`)).toHaveLength(1 + 1 + 1 + 3);
  });

  it('is no purchase once purchases are forgotten', async () => {
    const { position } = await service.group.act(purchases, purchasesStream(bo), { type: 'ForgetPurchases', data: {} });
    await through(position);
    expect(await content(service.ports.views, purchasesName)).toBe('[]');
    expect(await content(service.ports.views, customersName)).toMatch(/bo@example.org/);
  });
});
