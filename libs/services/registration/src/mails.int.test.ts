import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { customer, customerStream } from '@kendt/domain';
import { decision, handle } from '@kendt/eventsourcing';
import { memoryPorts } from '@kendt/nest/testing';
import { EmailClaims } from './email-claims.js';
import { fjord, freeze, ida, lastingPorts, lund, Registration } from './registration.examples.js';

describe('mails of a registration', () => {
  let registration: Registration;
  let now = new Date();
  beforeAll(async () => (registration = await Registration.start({ clock: () => now })));
  afterAll(() => registration.stop());

  it('ask in Danish for a confirmation, in the name of the brand', async () => {
    await registration.register(ida());
    const [mail, ...more] = await registration.mailsTo('ida.holm@example.org');
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Bekræft din e-mailadresse hos Fjord Møbler');
    expect(mail?.text).toContain('Tak, fordi du har oprettet dig hos Fjord Møbler.');
    expect(mail?.html).toContain('Bekræft min e-mailadresse</a>');
    expect(mail?.links).toEqual([expect.stringContaining(`${registration.service.httpUrl}/verify?token=`)]);
  });

  it('ask in English whoever reads English', async () => {
    await registration.register(ida({ email: 'ann@example.org', language: 'en' }), { as: { ...lund } });
    const [mail] = await registration.mailsTo('ann@example.org');
    expect(mail?.subject).toBe('Confirm your e-mail address with Lund & Lys');
    expect(mail?.html).toContain('Lund &amp; Lys');
  });

  it('repeat nothing that a stranger could have typed', async () => {
    await registration.register(ida({ email: 'victim@example.org', name: { given: 'Win at http://evil.example', family: 'X' } }));
    const [mail] = await registration.mailsTo('victim@example.org');
    expect(`${mail?.subject} ${mail?.text} ${mail?.html}`).not.toContain('evil');
  });

  it('confirm the address when the link is followed, as often as it is', async () => {
    const id = await registration.customer(ida({ email: 'follow@example.org' }));
    const [mail] = await registration.mailsTo('follow@example.org');
    const link = mail?.links[0] ?? '';
    const head = await fetch(link, { method: 'HEAD' });
    expect([head.status, await registration.types(customerStream(id))]).toEqual([200, ['CustomerRegistered']]);
    const danish = await registration.follow(link);
    expect(danish.status).toBe(200);
    expect(danish.text).toContain('Din e-mailadresse er bekræftet');
    expect(danish.text).toContain('href="/account?lang=da"');
    expect((await registration.follow(link, 'en')).text).toContain('Your e-mail address is confirmed');
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'EmailVerified']);
    const verified = (await registration.events('customer')).find(({ stream, type }) => stream === customerStream(id) && type === 'EmailVerified');
    expect(verified?.metadata).toMatchObject({ actorKind: 'customer', actorId: id, channel: 'mail' });
  });

  it('tell the owner of a known address, once an hour, how to sign in', async () => {
    await registration.register(ida({ email: 'known@example.org' }));
    const [confirm] = await registration.mailsTo('known@example.org');
    await registration.follow(confirm?.links[0] ?? '');
    for (let n = 0; n < 3; n++) await registration.register(ida({ email: 'Known@Example.org', language: 'en' }), { as: lund });
    const mails = (await registration.mailsTo('known@example.org')).filter(({ eventId }) => eventId !== confirm?.eventId);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.subject).toBe('Du har allerede et login, du kan bruge hos Lund & Lys');
    expect(mails[0]?.links).toEqual([`${registration.service.httpUrl}/account?lang=da`]);
  });

  it('help on whoever never confirmed and registers again', async () => {
    await registration.register(ida({ email: 'again@example.org', language: 'en' }));
    await registration.register(ida({ email: 'again@example.org' }));
    const repeated = (await registration.mailsTo('again@example.org')).find(({ subject }) => subject.startsWith('You already have a login'));
    expect((await registration.follow(repeated?.links[0] ?? '')).status).toBe(200);
  });

  it('are sent again on demand, whoever asks, and never for somebody who needs none', async () => {
    const id = await registration.customer(ida({ email: 'resend@example.org' }));
    const ask = (customerId: string): Promise<Response> => registration.service.request(`/v1/customers/${customerId}/email-verification`, { method: 'POST' });
    const answers = [await ask(id), await ask(id), await ask(randomUUID()), await ask('nonsense'), await ask(await registration.guest())];
    expect(await Promise.all(answers.map(async (each) => `${each.status} ${await each.text()}`))).toEqual(Array(5).fill('202 {"status":"confirmation-sent"}'));
    const mails = await registration.mailsTo('resend@example.org');
    expect(mails).toHaveLength(2);
    expect((await registration.follow(mails[1]?.links[0] ?? '')).status).toBe(200);
    expect((await ask(id)).status).toBe(202);
    expect(await registration.mailsTo('resend@example.org')).toHaveLength(2);
  });

  it('carry links that live for a day, and only for the address they went to', async () => {
    const id = await registration.customer(ida({ email: 'late@example.org' }));
    const [mail] = await registration.mailsTo('late@example.org');
    const link = mail?.links[0] ?? '';
    now = new Date(now.getTime() + 24 * 3_600_000 + 1000);
    const expired = await registration.follow(link);
    expect([expired.status, expired.text]).toEqual([410, expect.stringContaining('Linket er udløbet')]);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered']);
  });

  it.each([['nothing'], [''], ['a.b.c'], ['x'.repeat(2000)]])('lead to a friendly page when the link is none of ours: %.10s', async (token) => {
    const page = await registration.follow(`${registration.service.httpUrl}/verify?token=${token}`, 'en');
    expect([page.status, page.text]).toEqual([404, expect.stringContaining('We do not know this link')]);
  });

  it('lead nowhere once the customer is frozen', async () => {
    const id = await registration.customer(ida({ email: 'closed@example.org' }));
    const [mail] = await registration.mailsTo('closed@example.org');
    await freeze(registration, id);
    const page = await registration.follow(mail?.links[0] ?? '');
    expect([page.status, page.text]).toEqual([410, expect.stringContaining('Her er ikke mere at bekræfte')]);
  });
});

describe('a crash between the append and the mail', () => {
  let registration: Registration | undefined;
  const broken = join(tmpdir(), `kendt-no-dir-${randomUUID()}`);
  afterEach(async () => {
    await registration?.stop();
    rmSync(broken, { force: true });
  });

  it('loses no mail and doubles none', async () => {
    const ports = lastingPorts();
    writeFileSync(broken, 'a file where the folder should be');
    const first = await Registration.start({ ports, dir: broken });
    await first.register(ida());
    await first.service.close();
    registration = await Registration.start({ ports });
    const [mail, ...more] = await registration.mailsTo('ida.holm@example.org');
    expect(mail?.subject).toContain('Bekræft');
    expect(more).toEqual([]);
    rmSync(join(registration.dir, `${mail?.customerId}.${mail?.eventId}.eml`));
    await registration.service.close();
    registration = await Registration.start({ ports, dir: registration.dir });
    expect(await registration.mails()).toEqual([]);
  });

  it('asks only for what is still to be confirmed', async () => {
    const ports = lastingPorts();
    writeFileSync(broken, 'a file where the folder should be');
    const first = await Registration.start({ ports, dir: broken });
    const moved = await first.customer(ida());
    await first.service.request(`/v1/customers/${moved}/contact`, { method: 'PATCH', as: fjord, body: { email: 'moved@example.org' } });
    const done = await first.customer(ida({ email: 'done@example.org' }));
    const at = new Date().toISOString();
    const verify = decision(customer, customerStream(done), { type: 'VerifyEmail', at, data: { emailClaim: first.service.app.get(EmailClaims).of('done@example.org') } });
    await handle(first.store, [verify], { commandId: randomUUID(), actor: { kind: 'customer', id: done } }, at);
    await first.service.close();
    registration = await Registration.start({ ports });
    expect((await registration.mails()).map(({ to, text }) => [to, text.includes('fra nu af')])).toEqual([['moved@example.org', true]]);
  });

  it('writes to nobody who is frozen or erased by then', async () => {
    const ports = lastingPorts();
    writeFileSync(broken, 'a file where the folder should be');
    const first = await Registration.start({ ports, dir: broken });
    await freeze(first, await first.customer(ida()));
    const erased = await first.customer(ida({ email: 'gone@example.org' }));
    await ports.keys.destroy(erased, 'contact');
    await first.service.close();
    registration = await Registration.start({ ports });
    expect(await registration.mails()).toEqual([]);
  });

  it('does not mail about what is long past, should the checkpoint be lost', async () => {
    const ports = lastingPorts();
    const first = await Registration.start({ ports });
    await first.register(ida());
    await first.mails();
    await first.stop();
    registration = await Registration.start({ ports: { ...ports, views: memoryPorts().views }, clock: () => new Date(Date.now() + 8 * 24 * 3_600_000) });
    expect(await registration.mails()).toEqual([]);
  });
});
