import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, accessStream, consentStream, customer, customerStream, holdings, holdingsStream, loginStream, purpose, purposeStream } from '@kendt/domain';
import { decision, type Decision, handle, randomId, readAll } from '@kendt/eventsourcing';
import type { FormBrowser, SeenPage } from '@kendt/testing';
import { chosenBy } from './testing/choose.examples.js';
import { browserFor, logIn, type Shop, ShopClient, startShop } from './testing/service.examples.js';

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

const at = (): string => new Date().toISOString();
const apply = (one: Decision) => handle(shop.events, [one], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at());
const eventsOf = (stream: string) => readAll(shop.events, stream);

const account = async (email: string, language = 'en'): Promise<{ customerId: string; browser: FormBrowser; page: SeenPage }> => {
  const customerId = await shop.person(email);
  const browser = browserFor(shop, language);
  return { customerId, browser, page: await logIn(browser, await browser.open(`${shop.httpUrl}/account`), email) };
};

const pressed = (browser: FormBrowser, page: SeenPage, action: string, purposeId?: string): Promise<SeenPage> => {
  const form = page.forms.find((each) => each.action.startsWith(action) && (purposeId === undefined || each.fields['purposeId'] === purposeId));
  if (!form) throw new Error(`no form for ${action}`);
  return browser.submit(page, form);
};

describe('the account page', () => {
  it('asks to sign in, and then shows what is known', async () => {
    const { page, customerId } = await account('overview@example.org');
    expect(new URL(page.url).pathname + new URL(page.url).search).toBe('/account?lang=en');
    for (const known of ['Hello Ida', 'overview@example.org', 'confirmed', 'Fjord Møbler', 'Personal offers', 'We use all your purchases.', 'this account page'])
      expect(page.text).toContain(known);
    expect(page.text).not.toContain('Lund & Lys');
    expect((await eventsOf(loginStream(customerId))).map(({ data }) => data)).toMatchObject([{ clientId: 'kendt-account', method: 'password' }]);
  });

  it('is Danish for Danes', async () => {
    const { page } = await account('dansk@example.org', 'da');
    expect(page.text).toContain('Det har du sagt ja til');
  });

  it('takes the session of a shop', async () => {
    await shop.person('from-shop@example.org');
    const [browser, web] = [browserFor(shop), await ShopClient.of(shop, 'fjord-web')];
    await logIn(browser, await browser.open(await web.signInUrl()), 'from-shop@example.org');
    expect((await browser.open(`${shop.httpUrl}/account`)).text).toContain('from-shop@example.org');
  });

  it('says so where the browser keeps no cookies, instead of going round', async () => {
    const page = await browserFor(shop).open(`${shop.httpUrl}/account?iss=x&state=en`);
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('Allow cookies')]);
  });

  it('shows who has looked', async () => {
    const { customerId, browser } = await account('looked@example.org');
    const viewing = { clientId: 'fjord-till', staffId: '17', role: 'till', reason: 'till', brandId: 'fjord', fields: ['email'] };
    await apply(decision(access, accessStream(customerId), { type: 'RecordViewing', at: at(), data: viewing }));
    const page = await browser.open(`${shop.httpUrl}/account`);
    expect(page.text).toContain('Fjord Møbler, tills, staff 17 at the till');
  });

  it('shows where the data is', async () => {
    const { customerId, browser } = await account('data@example.org');
    expect((await browser.open(`${shop.httpUrl}/account/data`)).text).toContain('No system has reported');
    const holding = { systemId: 'erp', record: 'r1', what: 'invoices', basis: 'legal-obligation', law: 'bogføringsloven § 12', until: '2031-12-31' };
    await apply(decision(holdings, holdingsStream(customerId), { type: 'ReportHolding', at: at(), data: holding }));
    expect((await browser.open(`${shop.httpUrl}/account/data`)).text).toContain('bogføringsloven § 12 31 December 2031');
  });
});

describe('consents', () => {
  it('are withdrawn and given again, per brand', async () => {
    const { customerId, browser, page } = await account('consents@example.org');
    const withdrawn = await pressed(browser, page, '/account/consents', 'personal-offers');
    expect(withdrawn.text).toContain('Your consent is withdrawn');
    const given = await pressed(browser, withdrawn, '/account/consents', 'personal-offers');
    expect(given.text).toContain('Your consent is noted');
    const events = await eventsOf(consentStream(customerId));
    expect(events.map(({ type }) => type)).toEqual(['ConsentGranted', 'ConsentWithdrawn', 'ConsentGranted']);
    expect(events.at(-1)).toMatchObject({ data: { brandId: 'fjord', noticeVersion: 2, language: 'en', channel: 'account' }, metadata: { actorKind: 'customer', actorId: customerId, channel: 'account', brand: 'fjord' } });
  });

  it('are not given on a text that has changed since it was read', async () => {
    const { customerId, browser, page } = await account('outdated@example.org');
    const read = await pressed(browser, page, '/account/consents', 'personal-offers');
    await apply(decision(purpose, purposeStream('personal-offers'), { type: 'PublishNotice', at: at(), data: { version: 3, texts: { da: 'Ny.', en: 'New text.' } } }));
    const answered = await pressed(browser, read, '/account/consents', 'personal-offers');
    expect(answered.text).toContain('The text has changed since you saw it');
    expect((await eventsOf(consentStream(customerId))).map(({ type }) => type)).toEqual(['ConsentGranted', 'ConsentWithdrawn']);
  });

  it('are not taken for another brand, or for what needs none', async () => {
    const { customerId, browser, page } = await account('sneaky@example.org');
    const form = chosenBy(page, 'Withdraw');
    const attempts: readonly Record<string, string>[] = [{ brandId: 'lund', answer: 'granted' }, { purposeId: 'order-handling', answer: 'granted' }];
    for (const sneaky of attempts) expect((await browser.submit(page, form, sneaky)).status).toBe(404);
    expect(await eventsOf(consentStream(customerId))).toHaveLength(1);
  });

  it('need the token of the form', async () => {
    const { customerId, browser, page } = await account('csrf@example.org');
    const form = chosenBy(page, 'Withdraw');
    const { _csrf: _, ...fields } = form.fields;
    expect((await browser.submit(page, { ...form, fields })).status).toBe(403);
    expect(await eventsOf(consentStream(customerId))).toHaveLength(1);
  });
});

describe('leaving', () => {
  it('ends every session at once, and a new one lives', async () => {
    const { browser, page } = await account('everywhere@example.org');
    const [elsewhere, web] = [browserFor(shop), await ShopClient.of(shop, 'fjord-web')];
    await logIn(elsewhere, await elsewhere.open(await web.signInUrl()), 'everywhere@example.org');
    const out = await pressed(browser, page, '/account/sign-out-everywhere');
    expect(out.text).toContain('Your sign-ins have ended');
    expect((await elsewhere.open(await web.signInUrl())).forms.some(({ names }) => names.includes('password'))).toBe(true);
    const again = await logIn(browser, await browser.open(`${shop.httpUrl}/account`), 'everywhere@example.org');
    expect(again.text).toContain('everywhere@example.org');
    await new Promise((resolve) => setTimeout(resolve, 200)); // the follower comes by as well
    expect((await browser.open(`${shop.httpUrl}/account`)).text).toContain('everywhere@example.org');
  });

  it('signs out with a page once the account is frozen', async () => {
    const { customerId, browser } = await account('closed@example.org');
    await apply(decision(customer, customerStream(customerId), { type: 'FreezeCustomer', at: at(), data: { caseId: randomId() } }));
    const page = await browser.open(`${shop.httpUrl}/account`);
    expect(page.text).toMatch(/This account is closed|Sign in/);
    expect(page.text).not.toContain('closed@example.org');
  });

  it('asks for erasure once, however often the form is sent', async () => {
    const { customerId, browser } = await account('erase@example.org');
    const asking = await browser.open(`${shop.httpUrl}/account/erasure`);
    const caseOf = async (): Promise<string> => /\/erasure\/([0-9a-f-]{36})/.exec((await pressed(browser, asking, '/account/erasure')).html)?.[1] ?? '';
    const [first, second] = [await caseOf(), await caseOf()];
    expect(first).toBe(second);
    const events = await eventsOf(`erasure-${first}`);
    expect(events).toMatchObject([{ type: 'ErasureRequested', data: { customerId, channel: 'account' } }]);
    expect((await eventsOf(customerStream(customerId))).map(({ type }) => type)).not.toContain('CustomerFrozen');
  });
});
