import { ask, type Answer } from '../rest.js';
import { eventually, expectThat, type Step } from '../step.js';
import { said } from '../systems.js';
import type { World } from '../world.js';
import { idasBrowser } from './signing-in.js';

const purchasesFor = async (world: World, purpose: string): Promise<Answer> =>
  ask(world.place.url, 'GET', `/v1/customers/${world.noted('ida')}/purchases?purpose=${purpose}`, { token: await world.token('fjord-recommender', 'purchases:read') });

const countOf = (answer: Answer): number => (answer.body['purchases'] as unknown[] | undefined)?.length ?? 0;

export const buy: Step = {
  name: 'purchases',
  title: 'She buys a sofa: the ERP reports it on its topic; and a lamp: the shop reports it over REST',
  play: async (world) => {
    const customerId = world.noted('ida');
    const invoice = await ask(world.systems.erpUrl, 'POST', '/invoices', { body: { customerId, total: 849_900, lines: [{ sku: 'SOFA-3', name: 'Sofa', quantity: 1, price: 849_900 }] } });
    expectThat(invoice.status === 201, 'The ERP books an invoice', invoice.text);
    const lamp = { customerId, purchaseId: 'web-1', orderNumber: 'F-20001', purchasedAt: new Date().toISOString(), currency: 'DKK', total: 39_900, channel: 'web' };
    const body = { ...lamp, lines: [{ sku: 'LAMP-1', name: 'Lamp', quantity: 1, price: 39_900 }] };
    const answer = await ask(world.place.url, 'POST', '/v1/purchases', { token: await world.token('fjord-web', 'purchases:write'), body });
    expectThat(answer.status < 300, 'The shop’s purchase is taken', answer.text);
    return { asked: 'kendt.purchases.erp.v1 from the ERP, POST /v1/purchases from the shop', answered: `invoice ${String(invoice.body['number'])}, ${answer.status}` };
  },
};

export const recommend: Step = {
  name: 'recommend',
  title: 'The recommender asks for her history, for personal offers',
  play: async (world) => {
    const answer = await eventually('Both purchases in the history', async () => {
      const now = await purchasesFor(world, 'personal-offers');
      expectThat(now.status === 200, 'The history is given', now.text);
      return countOf(now) === 2 ? now : undefined;
    });
    return { asked: 'GET /v1/customers/{id}/purchases?purpose=personal-offers', answered: `200 with ${countOf(answer)} purchases` };
  },
};

export const withdraw: Step = {
  name: 'withdraw',
  title: 'She withdraws that consent on her account page',
  play: async (world) => {
    const browser = idasBrowser(world);
    const page = await browser.open(new URL('/account', world.place.url));
    const form = page.forms.find(({ fields }) => fields['brandId'] === 'fjord' && fields['purposeId'] === 'personal-offers');
    if (!form) throw new Error(`The account page has no form for this consent: ${page.status}`);
    const seen = world.systems.crm.line((line) => isWithdrawal(line, world.noted('ida')));
    const pressed = performance.now();
    const after = await browser.submit(page, form);
    const answeredMs = performance.now() - pressed;
    expectThat(after.status === 200, 'The page says it is withdrawn', after.text);
    const refused = await purchasesFor(world, 'personal-offers');
    expectThat(refused.status === 403 && refused.body['code'] === 'CONSENT_MISSING', 'The same question is refused at once', refused.text);
    const { at, happenedAt } = said(await seen);
    const lagMs = Date.parse(String(at)) - Date.parse(String(happenedAt));
    expectThat(lagMs < 1000, 'The CRM has seen it within a second', `${lagMs} ms`);
    return {
      asked: 'POST /account/consents; then the recommender’s question again; the CRM listens on kendt.consents.v1',
      answered: `403 CONSENT_MISSING; the CRM knew ${lagMs} ms after the withdrawal`,
      figures: { pageMs: Math.round(answeredMs), crmLagMs: lagMs },
    };
  },
};

const isWithdrawal = (line: string, customerId: string): boolean => {
  const { kind, ...rest } = said(line);
  return kind === 'consent-withdrawn' && rest['customerId'] === customerId && rest['purposeId'] === 'personal-offers';
};
