import { expect, it } from '@jest/globals';
import type { Ports } from '@kendt/nest';
import { memoryPorts } from '@kendt/nest/testing';
import * as client from 'openid-client';
import { browserFor, logIn, ShopClient, startShop } from './testing/service.examples.js';

/** As a database: the service goes, and what it has written stays. */
const outliving = (): Ports => {
  const ports = memoryPorts();
  for (const port of Object.values(ports) as { close(): Promise<void> }[]) port.close = async () => undefined;
  return ports;
};

it('keeps session, grant and refresh token over a restart, and nothing readable of them lies in the views', async () => {
  const ports = outliving();
  const before = await startShop({ ports });
  const { secrets } = before;
  const env = { HTTP_PORT: String(new URL(before.httpUrl).port) };
  await before.person('restart@example.org');
  const [web, browser] = [await ShopClient.of(before, 'fjord-web'), browserFor(before)];
  const page = await browser.open(await web.signInUrl({ login_hint: 'restart@example.org' }));
  expect(page.html).toContain('value="restart@example.org"');
  expect(JSON.stringify([...(ports.views as unknown as { views: Map<string, Map<string, unknown>> }).views].map(([name, kept]) => [name, [...kept]]))).not.toContain('restart@example.org');
  const tokens = await web.tokens((await logIn(browser, page, 'restart@example.org')).url);
  const kept = JSON.stringify([...(ports.views as unknown as { views: Map<string, Map<string, unknown>> }).views].map(([name, documents]) => [name, [...documents]]));
  expect(kept).not.toContain(tokens.refresh_token ?? 'none');
  expect(kept).toContain('oidc-refresh-token@1');
  await before.close();

  const after = await startShop({ ports, secrets, env });
  try {
    const lund = await ShopClient.of(after, 'lund-web');
    expect((await browser.open(await lund.signInUrl())).url).toContain('http://127.0.0.1:3200/callback?code=');
    expect((await client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).access_token).toBeDefined();
  } finally {
    await after.close();
  }
});
