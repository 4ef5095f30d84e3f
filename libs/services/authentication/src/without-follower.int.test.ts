import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { customer, type CustomerCommand, customerStream } from '@kendt/domain';
import { decision, handle, randomId } from '@kendt/eventsourcing';
import { Followers } from '@kendt/nest';
import * as client from 'openid-client';
import { chosenBy } from './testing/choose.examples.js';
import { browserFor, logIn, type Shop, ShopClient, startShop } from './testing/service.examples.js';

const at = new Date().toISOString();

/** What must hold at once cannot wait for the follower that clears up, so here it never comes. */
let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
  const follower = shop.app.get(Followers).running().find(({ name }) => name === 'end-sessions');
  if (!follower) throw new Error('There is no follower to stop');
  await follower.stop();
});
afterAll(() => shop.close());

const signedIn = async (email: string) => {
  const customerId = await shop.person(email);
  const [web, browser] = [await ShopClient.of(shop, 'fjord-web'), browserFor(shop)];
  const done = await logIn(browser, await browser.open(await web.signInUrl()), email);
  return { customerId, web, browser, tokens: await web.tokens(done.url) };
};

const asksForPassword = async (browser: ReturnType<typeof browserFor>, url: string): Promise<boolean> => (await browser.open(url)).forms.some(({ names }) => names.includes('password'));

describe('before the follower has come by', () => {
  it.each<[string, CustomerCommand]>([
    ['frozen', { type: 'FreezeCustomer', at, data: { caseId: randomId() } }],
    ['suspended', { type: 'SuspendCustomer', at, data: { reason: 'fraud' } }],
  ])('a %s customer is out everywhere', async (status, command) => {
    const { tokens, web, browser, customerId } = await signedIn(`${status}@example.org`);
    await handle(shop.events, [decision(customer, customerStream(customerId), command)], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
    expect(await client.tokenIntrospection(web.config, tokens.access_token)).toEqual({ active: false });
    expect(await client.tokenIntrospection(web.config, tokens.refresh_token ?? '')).toEqual({ active: false });
    await expect(client.fetchUserInfo(web.config, tokens.access_token, customerId)).rejects.toMatchObject({ status: 401 });
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await asksForPassword(browser, await web.signInUrl())).toBe(true);
    expect(await asksForPassword(browser, await (await ShopClient.of(shop, 'lund-web')).signInUrl())).toBe(true);
    const account = await browser.open(`${shop.httpUrl}/account`);
    expect([account.status, account.text]).toEqual([403, expect.stringContaining('This account is closed')]);
  });

  it('signing out everywhere has ended every session', async () => {
    const { tokens, web, browser, customerId } = await signedIn('everywhere@example.org');
    const elsewhere = browserFor(shop);
    await logIn(elsewhere, await elsewhere.open(await web.signInUrl()), 'everywhere@example.org');
    const page = await browser.open(`${shop.httpUrl}/account`);
    await browser.submit(page, chosenBy(page, 'Sign out everywhere'));
    expect(await asksForPassword(elsewhere, await web.signInUrl())).toBe(true);
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect([await client.tokenIntrospection(web.config, tokens.access_token), customerId.length]).toEqual([{ active: false }, 36]);
  });
});
