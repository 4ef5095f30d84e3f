import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refreshTokenGrant, tokenIntrospection } from 'openid-client';
import { FormBrowser } from '@kendt/testing/form-browser';
import { kendt } from '../kendt.js';
import { latestMail, linkIn } from '../mailbox.js';
import { ask } from '../rest.js';
import { fjordShop, submitLogin } from '../shop.js';
import { eventually, expectThat, type Step } from '../step.js';
import { idasBrowser } from './signing-in.js';

export const askToBeErased: Step = {
  name: 'ask-erasure',
  title: 'She asks to be erased, on her account page',
  play: async (world) => {
    const { accessToken, refreshToken } = await fjordShop(world).signIn(idasBrowser(world), world.ida);
    world.note('ida-token', accessToken);
    world.note('ida-refresh', refreshToken ?? '');
    const browser = idasBrowser(world);
    const page = await browser.open(new URL('/account/erasure', world.place.url));
    const form = page.forms.find(({ action }) => action.startsWith('/account/erasure'));
    if (!form) throw new Error(`There is no form to ask with: ${page.status} ${page.text.slice(0, 200)}`);
    const asked = await browser.submit(page, form);
    const caseId = asked.links.map(({ href }) => /^\/erasure\/([\w-]+)/.exec(href)?.[1]).find(Boolean);
    expectThat(asked.status === 200 && caseId !== undefined, 'A case is opened', asked.text);
    world.note('case', caseId ?? '');
    return { asked: 'POST /account/erasure', answered: `“Look in your mail”; case ${caseId}` };
  },
};

export const confirmErasure: Step = {
  name: 'confirm-erasure',
  title: 'She confirms by the link in the mail, and is out at once',
  play: async (world) => {
    const { url } = world.place;
    const before = await introspect(world);
    expectThat(before, 'Her token is active before');
    const mail = await eventually('The mail to confirm', () => latestMail(world, world.ida.email, (text) => text.includes('/erasure/confirm?token=')));
    const browser = new FormBrowser({ origins: [url], language: 'da' });
    const page = await browser.open(linkIn(mail, '/erasure/confirm'));
    const form = page.forms.find(({ method }) => method === 'POST');
    if (!form) throw new Error(`There is no button to confirm with: ${page.status} ${page.text.slice(0, 200)}`);
    const confirmed = await browser.submit(page, form);
    expectThat(confirmed.status === 200, 'It is confirmed', confirmed.text);
    await everythingIsDead(world);
    return { asked: 'POST /erasure/confirm; then her login, session, refresh token, access token, introspection', answered: 'refused, gone, invalid_grant, 401, inactive' };
  },
};

type World = Parameters<Step['play']>[0];

const introspect = async (world: World): Promise<boolean> =>
  (await tokenIntrospection(await fjordShop(world).configuration(), world.noted('ida-token'))).active;

const everythingIsDead = async (world: World): Promise<void> => {
  const { url } = world.place;
  const me = await ask(url, 'GET', '/v1/customers/me/accesses', { token: world.noted('ida-token') });
  expectThat(me.status === 401, 'Her access token is dead', `${me.status} ${me.text}`);
  expectThat(!(await introspect(world)), 'Introspection says inactive');
  const refreshed = await refreshTokenGrant(await fjordShop(world).configuration(), world.noted('ida-refresh')).then(() => 'given', (error: { error?: string }) => error.error);
  expectThat(refreshed === 'invalid_grant', 'Her refresh token is dead', refreshed);
  const account = await idasBrowser(world).open(new URL('/account', url));
  expectThat(!account.text.includes(world.ida.given), 'Her session is dead', account.text.slice(0, 200));
  const browser = new FormBrowser({ origins: [url] });
  const login = await submitLogin(browser, (await fjordShop(world).begin(browser)).page, world.ida.email, world.ida.password);
  expectThat(login.url.startsWith(url) && login.status === 422, 'Her login is refused', `${login.status} ${login.text.slice(0, 200)}`);
};

interface Task {
  readonly systemId: string;
  readonly status: string;
}

export const completed: Step = {
  name: 'certificate',
  title: 'The CRM erases, the ERP keeps what the law says, the keys are destroyed, the certificate is issued',
  play: async (world) => {
    const token = await world.token('compliance', 'erasure:manage');
    const path = `/v1/erasure-cases/${world.noted('case')}`;
    const done = await eventually('The completion', async () => {
      const answer = await ask(world.place.url, 'GET', path, { token });
      return answer.body['status'] === 'completed' ? answer : undefined;
    });
    const tasks = (done.body['tasks'] as Task[]).map(({ systemId, status }) => `${systemId}: ${status}`).sort();
    expectThat(tasks.join() === 'crm: erased,erp: retained', 'Each system has answered', tasks);
    const [kept] = done.body['retained'] as { law: string; until: string }[];
    const certificate = await ask(world.place.url, 'GET', `${path}/certificate`, { token, headers: { accept: 'application/jose' } });
    expectThat(certificate.status === 200, 'The certificate is given', certificate.text);
    writeFileSync(join(world.systemsDir, 'certificate.jws'), certificate.text);
    return { asked: `GET ${path}, /certificate`, answered: `${tasks.join(', ')} (${kept?.law}, until ${kept?.until}); a JWS of ${certificate.text.length} bytes` };
  },
};

export const verifyCertificate: Step = {
  name: 'verify-certificate',
  title: 'Anybody checks the certificate, with the public key alone',
  play: async (world) => {
    const keys = await ask(world.place.url, 'GET', '/v1/audit/keys');
    const keyFile = join(world.systemsDir, 'evidence-keys.json');
    writeFileSync(keyFile, keys.text);
    const file = join(world.systemsDir, 'certificate.jws');
    const good = await kendt(['audit', 'verify-certificate', file, '--key', keyFile]);
    expectThat(good.code === 0, 'It is valid', good.output);
    const jws = (await import('node:fs')).readFileSync(file, 'utf8');
    const forged = join(world.systemsDir, 'forged.jws');
    writeFileSync(forged, jws.replace(/\.([\w-]{10})/, (_, part: string) => `.${[...part].reverse().join('')}`));
    const bad = await kendt(['audit', 'verify-certificate', forged, '--key', keyFile]);
    expectThat(bad.code === 1, 'A forged one is not', bad.output);
    return { asked: 'kendt audit verify-certificate, offline; then the same with one part changed', answered: 'exit 0, valid; exit 1, invalid' };
  },
};
