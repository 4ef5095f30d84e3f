import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { html } from '../pages/html.js';
import type { Mail } from './mail.js';
import { MailDir } from './mail-dir.js';
import { Mailer } from './mailer.js';
import { readMail } from './read-mail.js';

const now = (): Date => new Date('2026-03-01T12:00:00.000Z');
const mailFrom = 'Kendt <no-reply@kendt.example>';
const long = 'https://shop.example/verify?token='.padEnd(400, 'abc');
const mail: Mail = {
  customerId: 'c-1',
  eventId: 'e-1',
  to: 'ida.holm@example.org',
  subject: 'Bekræft din e-mailadresse hos Fjord Møbler, så vi ved, at den er din og ikke en andens',
  text: `Kære Ida\n\nFølg linket:\n${long}\n\nHilsen = Fjord Møbler`,
  html: html`<p>Kære ${'<Ida>'}</p>`,
  language: 'da',
};

describe('mails in a folder', () => {
  let dir: string;
  let mailer: Mailer;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kendt-mail-'));
    mailer = new Mailer({ mail: { kind: 'dir', dir: join(dir, 'mail') }, mailFrom }, now);
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const files = (): string[] => readdirSync(join(dir, 'mail')).sort();
  const raw = async (name: string): Promise<Buffer> => (await new MailDir(join(dir, 'mail')).read(name)) ?? Buffer.alloc(0);

  it('can be read again, letter by letter', async () => {
    await mailer.send(mail);
    const read = readMail(await raw('c-1.e-1'));
    expect(read).toEqual({
      to: mail.to,
      subject: mail.subject,
      date: now().toISOString(),
      text: mail.text,
      html: expect.stringContaining('<p>Kære &lt;Ida&gt;</p>'),
      links: [long],
    });
  });

  it.each([['Confirm your e-mail address with Fjord Møbler'], ['Rødgrød med fløde, æblegrød og øllebrød til alle på Læsø og Ærø'], ['Plain'], ['= ? _ =20']])('keep their subject: %s', async (subject) => {
    await mailer.send({ ...mail, subject });
    expect(readMail(await raw('c-1.e-1')).subject).toBe(subject);
  });

  it('are for their owner alone, and named by ids', async () => {
    await mailer.send(mail);
    expect(files()).toEqual(['c-1.e-1.eml']);
    expect(statSync(join(dir, 'mail/c-1.e-1.eml')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'mail')).mode & 0o777).toBe(0o700);
  });

  it('are the same mail when sent again', async () => {
    await mailer.send(mail);
    await mailer.send(mail);
    expect(files()).toHaveLength(1);
    expect((await raw('c-1.e-1')).toString()).toContain('Message-ID: <e-1@kendt.example>');
  });

  it('do not leave the folder by their name', async () => {
    await expect(mailer.send({ ...mail, customerId: '../c' })).rejects.toThrow('named after');
    expect(await new MailDir(dir).read('../mailer/x.y')).toBeUndefined();
  });

  it('go to one address even where it looks like two', async () => {
    await mailer.send({ ...mail, to: 'a@example.org, b@example.org' });
    expect(readMail(await raw('c-1.e-1')).to).toBe('<"a@example.org, b"@example.org>');
  });

  it('are forgotten per customer, with what a crash left behind', async () => {
    await mailer.send(mail);
    await mailer.send({ ...mail, eventId: 'e-2' });
    await mailer.send({ ...mail, customerId: 'c-10' });
    writeFileSync(join(dir, 'mail/c-1.e-3.eml.00.part'), 'half a mail');
    await mailer.forget('c-1', 'e-2');
    expect(files()).toEqual(['c-1.e-1.eml', 'c-1.e-3.eml.00.part', 'c-10.e-1.eml']);
    await mailer.forget('c-1');
    expect(files()).toEqual(['c-10.e-1.eml']);
  });

  it('are none to forget where no mail was ever sent', async () => {
    await expect(mailer.forget('c-1')).resolves.toBeUndefined();
  });
});

/** Speaks just enough SMTP (RFC 5321) to take a mail or refuse its recipient. */
const mailServer = (onRecipient: string): Promise<{ server: Server; url: string; taken: string[] }> => {
  const taken: string[] = [];
  const server = createServer((socket) => converse(socket, onRecipient, taken));
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ server, url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, taken })));
};

const converse = (socket: Socket, onRecipient: string, taken: string[]): void => {
  let content: string | undefined;
  socket.on('error', () => undefined);
  socket.write('220 test\r\n');
  socket.on('data', (chunk) => {
    const text = chunk.toString();
    if (content !== undefined) {
      content += text;
      if (content.endsWith('\r\n.\r\n')) {
        taken.push(content);
        content = undefined;
        socket.write('250 taken\r\n');
      }
      return;
    }
    if (/^DATA/i.test(text)) content = '';
    socket.write(/^DATA/i.test(text) ? '354 go on\r\n' : /^RCPT/i.test(text) ? `${onRecipient}\r\n` : /^QUIT/i.test(text) ? '221 bye\r\n' : '250 ok\r\n');
  });
};

describe('mails through a mail server', () => {
  const through = async (onRecipient: string, work: (mailer: Mailer, taken: string[]) => Promise<void>): Promise<void> => {
    const { server, url, taken } = await mailServer(onRecipient);
    const mailer = new Mailer({ mail: { kind: 'smtp', url }, mailFrom }, now);
    await work(mailer, taken).finally(() => mailer.onApplicationShutdown());
    await new Promise((resolve) => server.close(resolve));
  };

  it('are taken with their Message-ID', () =>
    through('250 ok', async (mailer, taken) => {
      expect(await mailer.send(mail)).toBe('sent');
      expect(taken).toHaveLength(1);
      expect(taken[0]).toContain('Message-ID: <e-1@kendt.example>');
    }));

  it('are given up where the mailbox does not exist', () =>
    through('550 no such mailbox', async (mailer) => expect(await mailer.send(mail)).toBe('refused')));

  it('are to be tried again when the server is busy, and the error names nobody', () =>
    through('451 ida.holm@example.org is busy', async (mailer) => {
      const error = await mailer.send(mail).catch((each: Error) => each);
      expect(error).toBeInstanceOf(Error);
      expect(JSON.stringify([String(error), (error as Error).stack])).not.toContain('ida.holm');
    }));

  it('are to be tried again when there is no server', async () => {
    const mailer = new Mailer({ mail: { kind: 'smtp', url: 'smtp://127.0.0.1:1' }, mailFrom }, now);
    await expect(mailer.send(mail)).rejects.toThrow(/ESOCKET|ECONNECTION/);
    mailer.onApplicationShutdown();
  });
});
