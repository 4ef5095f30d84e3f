import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brand, brandStream, customer, customerStream, purpose, type PurposeCommand, purposeStream, system, systemStream } from '@kendt/domain';
import { decision, deterministicId, type EventStore, handle, keyOf, randomId, readAll, START, type StoredEvent } from '@kendt/eventsourcing';
import { currentEvents, Followers, type Ports, readMail, type ReadMail } from '@kendt/nest';
import { memoryPorts, startTestService, type TestRequest, type TestService, type TestServiceOptions } from '@kendt/nest/testing';
import { registrationGrpc, RegistrationModule } from './index.js';

const at = '2026-03-01T12:00:00.000Z';
const context = (name: string) => ({ commandId: deterministicId('seed', name), actor: { kind: 'system', id: 'config' } as const });

/** Two brands, a purpose at version 1, one at version 2, one of the other brand alone, one that is no consent, and a CRM. */
export const seed = async (store: EventStore): Promise<void> => {
  for (const [id, name] of [['fjord', 'Fjord Møbler'], ['lund', 'Lund & Lys']] as const)
    await handle(store, [decision(brand, brandStream(id), { type: 'DescribeBrand', at, data: { name, look: id, contact: `privacy@${id}.example` } })], context(id), at);
  await seedPurpose(store, 'newsletter', 1, ['fjord', 'lund']);
  await seedPurpose(store, 'personal-offers', 2, ['fjord', 'lund']);
  await seedPurpose(store, 'lamp-club', 1, ['lund']);
  await seedPurpose(store, 'bookkeeping', 1, ['fjord'], 'legal-obligation');
  await handle(store, [decision(system, systemStream('crm'), { type: 'RegisterSystem', at, data: { name: 'CRM', brands: ['fjord'] } })], context('crm'), at);
};

const seedPurpose = async (store: EventStore, id: string, notices: number, brands: string[], basis: 'consent' | 'legal-obligation' = 'consent'): Promise<void> => {
  const published = Array.from({ length: notices }, (_, n): PurposeCommand => ({ type: 'PublishNotice', at, data: { version: n + 1, texts: { da: `tekst ${n}`, en: `text ${n}` } } }));
  const define: PurposeCommand = { type: 'DefinePurpose', at, data: { basis, brands, title: { da: id, en: id } } };
  await handle(store, [decision(purpose, purposeStream(id), define, ...published)], context(id), at);
};

export const password = 'correct horse battery';
export const fjord = { scopes: ['customers:register', 'customers:write'], brand: 'fjord', channel: 'web', clientId: 'fjord-web' };
export const lund = { ...fjord, brand: 'lund', clientId: 'lund-web' };

export const ida = (more: object = {}): object => ({
  kind: 'full',
  email: 'ida.holm@example.org',
  name: { given: 'Ida', family: 'Holm' },
  phone: '+4520123456',
  password,
  language: 'da',
  consents: [
    { purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'da' },
    { purposeId: 'personal-offers', answer: 'refused', noticeVersion: 2, language: 'da' },
  ],
  ...more,
});

/** The beginning of an erasure. */
export const freeze = async ({ store }: { store: EventStore }, customerId: string): Promise<void> => {
  const froze = decision(customer, customerStream(customerId), { type: 'FreezeCustomer', at, data: { caseId: 'case-1' } });
  await handle(store, [froze], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
};

/** Ports in memory that outlive the process that uses them. */
export const lastingPorts = (): Ports => {
  const ports = memoryPorts();
  for (const port of [ports.events, ports.views, ports.topics, ports.keys]) port.close = async () => undefined;
  return ports;
};

export interface SentMail extends ReadMail {
  readonly customerId: string;
  readonly eventId: string;
}

/** The registration service over the network, on ports in memory, with its mails in a folder of its own. */
export class Registration {
  private constructor(
    readonly service: TestService,
    readonly ports: Ports,
    readonly store: EventStore,
    readonly dir: string,
  ) {}

  static async start(options: Partial<TestServiceOptions> & { dir?: string } = {}): Promise<Registration> {
    const { dir = mkdtempSync(join(tmpdir(), 'kendt-registration-')), ports = memoryPorts(), env, ...rest } = options;
    const store = currentEvents(ports);
    if ((await readAll(store, brandStream('fjord'))).length === 0) await seed(store);
    const limits = { RATE_REGISTER_PER_MINUTE: '100000', RATE_IDENTIFIER_PER_MINUTE: '100000' };
    const service = await startTestService({ ...rest, modules: [RegistrationModule], grpc: [registrationGrpc], ports, env: { ...limits, MAIL: `dir:${dir}`, ...env } });
    return new Registration(service, ports, store, dir);
  }

  async stop(): Promise<void> {
    await this.service.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  register(body: object, request: TestRequest = {}): Promise<Response> {
    return this.service.request('/v1/customers', { body, as: fjord, ...request });
  }

  async guest(body: object = { language: 'en' }, request: TestRequest = {}): Promise<string> {
    const response = await this.register({ kind: 'guest', ...body }, request);
    return ((await response.json()) as { customerId: string }).customerId;
  }

  /** Registers, and gives the id that only the store knows. */
  async customer(body: object): Promise<string> {
    const before = await this.ids();
    await this.register(body);
    const [id] = (await this.ids()).filter((each) => !before.includes(each));
    if (!id) throw new Error('Nobody was registered');
    return id;
  }

  async ids(): Promise<string[]> {
    return (await this.events('customer')).filter(({ type }) => type === 'CustomerRegistered').map(({ stream }) => keyOf(stream));
  }

  async events(...categories: string[]): Promise<StoredEvent[]> {
    const stop = new AbortController();
    const all: StoredEvent[] = [];
    for await (const batch of this.store.subscribe({ after: START, categories, signal: stop.signal })) {
      all.push(...batch.events);
      if (batch.caughtUp) stop.abort();
    }
    return all;
  }

  async types(stream: string): Promise<string[]> {
    return (await readAll(this.store, stream)).map(({ type }) => type);
  }

  /** Waits until the mails of everything that was appended are out. */
  async mails(): Promise<SentMail[]> {
    await this.settled('registration-mails');
    return this.#files().map((file) => {
      const [customerId = '', eventId = ''] = file.split('.');
      return { ...readMail(readFileSync(join(this.dir, file))), customerId, eventId };
    });
  }

  async mailsTo(address: string): Promise<SentMail[]> {
    return (await this.mails()).filter(({ to }) => to === address);
  }

  #files(): string[] {
    return readdirSync(this.dir).filter((file) => file.endsWith('.eml'));
  }

  async settled(follower: string): Promise<void> {
    const last = (await this.events('customer')).at(-1);
    if (last && !(await this.service.app.get(Followers).waitFor(follower, last.position, 5000))) throw new Error(`${follower} has not caught up`);
  }

  /** Follows a link as a browser does. */
  async follow(link: string, language = 'da'): Promise<{ status: number; text: string }> {
    const response = await fetch(link.replace(/&lang=\w+/, ''), { headers: { accept: 'text/html', 'accept-language': language } });
    return { status: response.status, text: await response.text() };
  }
}
