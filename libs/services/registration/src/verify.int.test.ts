import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verify } from '@node-rs/argon2';
import { claim, claimStream, credentialStream, customer, customerStream, loginStream } from '@kendt/domain';
import { decision, handle, randomId, readAll } from '@kendt/eventsourcing';
import { FormBrowser, type SeenForm, type SeenPage } from '@kendt/testing';
import { freeze, ida, password, Registration } from './registration.examples.js';

const chosen = 'green tea in the morning';
const identity = 'hash-of-a-strangers-identity';

let registration: Registration;
let now = new Date();
beforeAll(async () => (registration = await Registration.start({ clock: () => now })));
afterAll(() => registration.stop());

const browser = (language = 'en'): FormBrowser => new FormBrowser({ origins: [registration.service.httpUrl], language });
const formOf = ({ forms }: SeenPage): SeenForm => {
  const [form] = forms;
  if (!form) throw new Error('There is no form on this page');
  return form;
};

/** That of any of their mails: all do the same. */
const linkTo = async (email: string): Promise<string> => ((await registration.mailsTo(email)).at(-1)?.links[0] ?? '').replace(/&lang=\w+/, '');

/** Somebody registers the address, and then its owner does. */
const twice = async (email: string): Promise<{ id: string; link: string }> => {
  const id = await registration.customer(ida({ email }));
  const second = await registration.register(ida({ email, password: 'black coffee at noon' }));
  if (second.status !== 202) throw new Error(`The second registration was answered ${second.status}`);
  return { id, link: await linkTo(email) };
};

/** Somebody came with an identity whose provider does not vouch for the address. */
const linkIdentity = async (customerId: string, hash = identity): Promise<void> => {
  const at = now.toISOString();
  const linked = decision(customer, customerStream(customerId), { type: 'LinkExternalIdentity', at, data: { provider: 'facebook', claim: hash } });
  const claimed = decision(claim, claimStream(hash), { type: 'ClaimIdentifier', at, data: { customerId } });
  await handle(registration.store, [linked, claimed], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
};

const passwordIs = async (customerId: string, tried: string): Promise<boolean> => {
  const set = (await readAll(registration.store, credentialStream(customerId))).at(-1);
  return verify((set?.personal?.credential as { passwordHash: string }).passwordHash, tried);
};

describe('an address that was registered twice before it was confirmed', () => {
  it('is not confirmed by the link, neither by that of the first mail nor by that of the second', async () => {
    const { id } = await twice('both@example.org');
    const links = (await registration.mailsTo('both@example.org')).map((mail) => mail.links[0] ?? '');
    expect(links).toHaveLength(2);
    for (const link of links) expect((await browser().open(link)).forms).toHaveLength(1);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'RegistrationRepeated']);
    expect(await passwordIs(id, password)).toBe(true);
  });

  it('is its owner’s once they have chosen a password, and the first one is worth nothing', async () => {
    const { id, link } = await twice('owner@example.org');
    const visitor = browser();
    const page = await visitor.open(link);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Choose a password')]);
    expect(page.html).toContain('Fjord Møbler');
    expect(page.html).not.toContain('owner@example.org');
    const done = await visitor.submit(page, formOf(page), { password: chosen });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your e-mail address is confirmed')]);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'RegistrationRepeated', 'EmailVerified']);
    expect(await registration.types(credentialStream(id))).toEqual(['PasswordSet', 'PasswordSet']);
    expect([await passwordIs(id, chosen), await passwordIs(id, password)]).toEqual([true, false]);
  });

  it('is told all of it in one append, as done by the customer, from the mail', async () => {
    const { id, link } = await twice('atomic@example.org');
    await linkIdentity(id, 'hash-of-another');
    const visitor = browser();
    const page = await visitor.open(link);
    await visitor.submit(page, formOf(page), { password: chosen });
    const streams = [customerStream(id), credentialStream(id), loginStream(id), claimStream('hash-of-another')];
    const events = (await Promise.all(streams.map((stream) => readAll(registration.store, stream)))).flat();
    const verified = events.find(({ type }) => type === 'EmailVerified');
    const together = events.filter(({ metadata }) => metadata.commandId === verified?.metadata.commandId);
    expect(together.map(({ type }) => type)).toEqual(['ExternalIdentityUnlinked', 'EmailVerified', 'PasswordSet', 'SessionsRevoked', 'IdentifierReleased']);
    expect(together.find(({ type }) => type === 'SessionsRevoked')?.data).toMatchObject({ reason: 'password-chosen' });
    expect(verified?.metadata).toMatchObject({ actorKind: 'customer', actorId: id, channel: 'mail' });
  });

  it('takes one password from a link, however often it is followed', async () => {
    const { id, link } = await twice('once@example.org');
    const visitor = browser();
    const page = await visitor.open(link);
    await visitor.submit(page, formOf(page), { password: chosen });
    const again = await visitor.submit(page, formOf(page), { password: 'another one, much later' });
    expect([again.status, again.text]).toEqual([409, expect.stringContaining('Nothing was changed just now')]);
    const followed = await visitor.open(link);
    expect([followed.status, followed.forms]).toEqual([200, []]);
    expect(await passwordIs(id, chosen)).toBe(true);
  });

  it('takes one password of two that are sent at once', async () => {
    const { id, link } = await twice('race@example.org');
    const visitor = browser();
    const page = await visitor.open(link);
    const answers = await Promise.all(['the first of two at once', 'the second of two at once'].map((each) => visitor.submit(page, formOf(page), { password: each })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await registration.types(credentialStream(id))).toEqual(['PasswordSet', 'PasswordSet']);
  });

  it.each([
    ['too short', 'short', 'da', 'mellem 10 og 256 tegn'],
    ['too long', 'long '.repeat(60), 'en', 'between 10 and 256 characters'],
    ['tried first by everybody', 'Password1234', 'en', 'too easy to guess'],
    ['made of the address', 'refusals1999', 'da', 'for let at gætte'],
  ])('takes no password that is %s, and says so on the page', async (what, bad, language, said) => {
    const { id, link } = await twice(`refusals+${what.replaceAll(' ', '.')}@example.org`);
    const visitor = browser(language);
    const page = await visitor.open(link);
    const refused = await visitor.submit(page, formOf(page), { password: bad });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(said)]);
    expect(refused.html).not.toContain(bad);
    expect(await registration.types(customerStream(id))).not.toContain('EmailVerified');
    expect((await visitor.submit(refused, formOf(refused), { password: chosen })).status).toBe(200);
  });

  it('takes no password without the form’s token', async () => {
    const { id, link } = await twice('forged@example.org');
    const token = new URL(link).searchParams.get('token') ?? '';
    const response = await registration.service.request('/verify', {
      body: new URLSearchParams({ token, password: chosen }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
    });
    expect(response.status).toBe(403);
    expect(await registration.types(credentialStream(id))).toEqual(['PasswordSet']);
  });

  it('takes no password for a customer who is being erased, or by a link that is none', async () => {
    const { id, link } = await twice('erasing@example.org');
    const visitor = browser();
    const page = await visitor.open(link);
    await freeze(registration, id);
    expect((await visitor.submit(page, formOf(page), { password: chosen })).status).toBe(410);
    expect((await visitor.submit(page, formOf(page), { password: chosen, token: 'nothing' })).status).toBe(404);
    expect(await registration.types(credentialStream(id))).toEqual(['PasswordSet']);
  });

  it('takes no password once the link has expired, though the page was opened in time', async () => {
    const { id, link } = await twice('slow@example.org');
    const visitor = browser('da');
    const page = await visitor.open(link);
    now = new Date(now.getTime() + 24 * 3_600_000 + 1000);
    const late = await visitor.submit(page, formOf(page), { password: chosen });
    expect([late.status, late.text]).toEqual([410, expect.stringContaining('Linket er udløbet')]);
    expect(await registration.types(credentialStream(id))).toEqual(['PasswordSet']);
  });
});

describe('an external identity that was linked before the address was confirmed', () => {
  it('is unlinked and free for its owner when whoever has the mailbox chooses a password', async () => {
    const id = await registration.customer(ida({ email: 'linked@example.org' }));
    await linkIdentity(id);
    const visitor = browser('da');
    const page = await visitor.open(await linkTo('linked@example.org'));
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Vælg en adgangskode')]);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'ExternalIdentityLinked']);
    const done = await visitor.submit(page, formOf(page), { password: chosen });
    expect(done.text).toContain('Nu kan du logge ind med den adgangskode, du lige har valgt');
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'ExternalIdentityLinked', 'ExternalIdentityUnlinked', 'EmailVerified']);
    expect(await registration.types(claimStream(identity))).toEqual(['IdentifierClaimed', 'IdentifierReleased']);
    expect([await passwordIs(id, chosen), await passwordIs(id, password)]).toEqual([true, false]);
  });
});

describe('an address that was registered once', () => {
  it('is confirmed by the link, also by one that was sent again on demand', async () => {
    const id = await registration.customer(ida({ email: 'plain@example.org' }));
    await registration.service.request(`/v1/customers/${id}/email-verification`, { method: 'POST' });
    const page = await browser().open(await linkTo('plain@example.org'));
    expect([page.status, page.forms, page.text]).toEqual([200, [], expect.stringContaining('You can sign in now.')]);
    expect(await passwordIs(id, password)).toBe(true);
  });
});
