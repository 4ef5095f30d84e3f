import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { customerMessages, fromMessage, topics } from '@kendt/contracts';
import type { TopicMessage } from '@kendt/eventsourcing';
import { pino } from 'pino';
import { ida, lastingPorts, password, Registration } from './registration.examples.js';

let registration: Registration | undefined;
afterEach(() => registration?.stop());

it('publishes what happened to a customer, in order, without a word about who it is', async () => {
  registration = await Registration.start();
  const id = await registration.customer(ida());
  const [mail] = await registration.mails();
  await registration.follow(mail?.links[0] ?? '');
  await registration.settled('publish-customers');
  const messages = await published(registration);
  expect(messages.map((message) => fromMessage(message, customerMessages)).map(({ type, subject }) => [type, subject])).toEqual([
    ['kendt.customer.registered.v1', id],
    ['kendt.customer.verified.v1', id],
  ]);
  expect(JSON.stringify(messages.map(({ value, headers }) => [Buffer.from(value ?? []).toString(), headers]))).not.toMatch(/ida|holm|example\.org|\+45/i);
});

it('logs nothing that says who somebody is', async () => {
  let log = '';
  registration = await Registration.start({ logger: pino({ level: 'trace' }, { write: (line: string) => void (log += line) }) });
  await registration.register(ida());
  await registration.register(ida());
  await registration.register(ida({ password: 'ida.holm1999' }));
  await registration.register(ida({ email: 'ida.holm@', phone: 'ida.holm' }));
  const [mail] = await registration.mails();
  await registration.follow(mail?.links[0] ?? '');
  await registration.follow(`${registration.service.httpUrl}/verify?token=ida.holm`);
  expect(log).toContain('/v1/customers');
  const token = mail?.links[0]?.split('token=')[1] ?? 'none';
  for (const secret of ['ida.holm', 'Holm', '+4520123456', password, token]) expect(log).not.toContain(secret);
});

describe('a mail server that is down', () => {
  let server: Server | undefined;
  afterEach(async () => {
    await registration?.stop(); // its connections stand open until then
    registration = undefined;
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  });

  it('holds up what it does not take; each mail goes out once when it is back', async () => {
    const taken: string[] = [];
    let busy = true;
    server = createServer((socket) => converse(socket, (command) => (busy && command.includes('bo@') ? '451 busy' : '250 ok'), taken));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const ports = lastingPorts();
    const nowhere = await Registration.start({ ports, env: { SMTP_URL: 'smtp://127.0.0.1:1' } });
    await nowhere.register(ida());
    await nowhere.register(ida({ email: 'bo@example.org' }));
    await nowhere.stop();
    registration = await Registration.start({ ports, env: { SMTP_URL: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    busy = false;
    await registration.settled('registration-mails');
    expect(taken.map((mail) => /^To: (.*)\r$/m.exec(mail)?.[1]).sort()).toEqual(['bo@example.org', 'ida.holm@example.org']);
  });
});

/** Speaks just enough SMTP (RFC 5321). */
const converse = (socket: Socket, onRecipient: (command: string) => string, taken: string[]): void => {
  let content: string | undefined;
  socket.on('error', () => undefined);
  socket.write('220 test\r\n');
  socket.on('data', (chunk) => {
    const text = chunk.toString();
    if (content === undefined) {
      if (/^DATA/i.test(text)) content = '';
      const answer = /^RCPT/i.test(text) ? onRecipient(text) : /^DATA/i.test(text) ? '354 go on' : '250 ok';
      return void socket.write(`${answer}\r\n`);
    }
    content += text;
    if (!content.endsWith('\r\n.\r\n')) return;
    taken.push(content);
    content = undefined;
    socket.write('250 taken\r\n');
  });
};

const published = async ({ ports }: Registration): Promise<TopicMessage[]> => {
  const stop = new AbortController();
  const messages: TopicMessage[] = [];
  const reading = ports.topics.consume({ topics: [topics.customers], group: 'test', from: 'start', signal: stop.signal, handle: async (message) => void messages.push(message) });
  await new Promise((resolve) => setTimeout(resolve, 200));
  stop.abort();
  await reading;
  return messages;
};
