import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErasureReceipt, fromMessage, erasureTaskMessages, type ErasureTaskIssued, toMessage, topics as names } from '@kendt/contracts';
import {
  claim, claimStream, credential, credentialStream, customer, customerStream, erasureStream, purchases, purchasesStream, system, systemStream,
} from '@kendt/domain';
import { type CommandContext, decision, type EventStore, handle, keyedLookup, randomId, readAll, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { currentEvents, generateSecrets, type Ports, type Secrets } from '@kendt/nest';
import { memoryPorts, startTestService, type TestService } from '@kendt/nest/testing';
import { erasureGrpc, ErasureModule } from './index.js';

export const ida = { email: 'ida.holm@example.org', name: { given: 'Ida', family: 'Holm' }, phone: '+4520123456' };
const at = '2026-03-01T09:00:00.000Z';
const by = (id = randomId()): CommandContext => ({ commandId: id, actor: { kind: 'client', id: 'fjord-web' }, channel: 'web', brand: 'fjord' });

/** What stays when a process ends: closing the service leaves the twins open. */
export const lasting = (ports: Ports): Ports => ({
  events: { append: (appends) => ports.events.append(appends), read: (stream, options) => ports.events.read(stream, options), subscribe: (options) => ports.events.subscribe(options), close: async () => undefined },
  views: { open: (definition) => ports.views.open(definition), names: () => ports.views.names(), drop: (name) => ports.views.drop(name), close: async () => undefined },
  topics: { ensure: (definitions) => ports.topics.ensure(definitions), publish: (messages) => ports.topics.publish(messages), consume: (options) => ports.topics.consume(options), read: (...args) => ports.topics.read(...args), rewind: (...args) => ports.topics.rewind(...args), lag: (...args) => ports.topics.lag(...args), names: () => ports.topics.names(), close: async () => undefined },
  keys: { obtain: (id, group) => ports.keys.obtain(id, group), find: (id, group) => ports.keys.find(id, group), destroy: (id, group) => ports.keys.destroy(id, group), isDestroyed: (id, group) => ports.keys.isDestroyed(id, group), tombstones: () => ports.keys.tombstones(), compared: () => ports.keys.compared(), noteCompared: (upTo) => ports.keys.noteCompared(upTo), close: async () => undefined },
});

type Answer = (task: ErasureTaskIssued) => Partial<ErasureReceipt> | undefined;

/** An installation with streams, topics, keys and a mail folder that outlive the service. */
export class Installation {
  readonly ports = memoryPorts();
  readonly mailDir = mkdtempSync(join(tmpdir(), 'kendt-erasure-'));
  readonly store: EventStore = currentEvents(this.ports);
  now: () => Date = () => new Date();
  #service: TestService | undefined;
  readonly #stop = new AbortController();
  readonly #systems: Promise<void>[] = [];

  private constructor(readonly secrets: Secrets) {}

  static async open(): Promise<Installation> {
    return new Installation(await generateSecrets());
  }

  get service(): TestService {
    if (!this.#service) throw new Error('Not started');
    return this.#service;
  }

  async start(ports: Ports = this.ports): Promise<TestService> {
    const env = { MAIL: `dir:${this.mailDir}`, PUBLIC_URL: 'http://kendt.example' };
    return (this.#service = await startTestService({ modules: [ErasureModule], instance: 'erasure-test', grpc: [erasureGrpc], ports: lasting(ports), secrets: this.secrets, env, clock: () => this.now() }));
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#service?.close();
    await this.ports.topics.close();
    await Promise.all(this.#systems);
    rmSync(this.mailDir, { recursive: true, force: true });
  }

  async declare(...systemIds: readonly string[]): Promise<void> {
    for (const id of systemIds) {
      const declarations = [{ what: id === 'erp' ? 'invoice' : 'contact', basis: 'consent' as const }];
      await handle(this.store, [decision(system, systemStream(id), { type: 'RegisterSystem', at, data: { name: id.toUpperCase(), brands: ['fjord'] } }, { type: 'DeclareData', at, data: { declarations } })], by(), at);
    }
  }

  /** A customer with an address, a password and a purchase. */
  async register(email: string = ida.email, brandId = 'fjord'): Promise<string> {
    const customerId = randomId();
    const emailClaim = this.claimOf(email);
    const purchase = { orderNumber: 'F-1001', purchasedAt: at, currency: 'DKK', total: 129900, lines: [] };
    await handle(this.store, [
      decision(customer, customerStream(customerId), { type: 'RegisterCustomer', at, data: { kind: 'full', brandId, language: 'da', contact: { ...ida, email }, emailClaim } }),
      decision(claim, claimStream(emailClaim), { type: 'ClaimIdentifier', at, data: { customerId } }),
      decision(credential, credentialStream(customerId), { type: 'SetPassword', at, data: { passwordHash: '$argon2id$example' } }),
      decision(purchases, purchasesStream(customerId), { type: 'RecordPurchase', at, data: { purchaseId: 'p-1', brandId, source: 'fjord-web', channel: 'web', purchase } }),
    ], by(), at);
    return customerId;
  }

  claimOf(email: string): string {
    return keyedLookup(this.secrets.lookupKey)('email', email);
  }

  /** A system that follows the tasks and answers its own. */
  runSystem(systemId: string, answer: Answer): void {
    const handleTask = async (task: ErasureTaskIssued): Promise<void> => {
      const said = task.systemId === systemId ? answer(task) : undefined;
      if (said) await answerTask(this.ports.topics, systemId, task, said);
    };
    const consumer = { group: `system-${systemId}`, topics: [names.erasureTasks], handle: async (message: Parameters<typeof fromMessage>[0]) => handleTask(fromMessage(message, erasureTaskMessages).data) };
    this.#systems.push(this.ports.topics.consume({ ...consumer, signal: this.#stop.signal }));
  }

  async events(stream: string): Promise<StoredEvent[]> {
    return readAll(this.store, stream);
  }

  async caseEvents(caseId: string): Promise<string[]> {
    return (await this.events(erasureStream(caseId))).map(({ type }) => type);
  }

  mails(): string[] {
    return readdirSync(this.mailDir).flatMap((file) => textOf(join(this.mailDir, file)));
  }

  /** The token of the confirmation mail of this case. */
  async confirmToken(): Promise<string> {
    const token = await until(async () => this.mails().map((mail) => /confirm\?token=([\w.-]+)/.exec(mail)?.[1]).find((found) => found !== undefined));
    return token;
  }
}

/** Nothing of a mail that was taken away between the listing and the reading. */
const textOf = (path: string): string[] => {
  try {
    return [readFileSync(path, 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '=')];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

export const answerTask = (topics: Topics, systemId: string, task: ErasureTaskIssued, said: Partial<ErasureReceipt>, id = `receipt-${task.taskId}`): Promise<void> => {
  const data = { taskId: task.taskId, caseId: task.caseId, customerId: task.customerId, at, outcome: 'erased', ...said };
  return topics.publish([toMessage({ topic: names.erasureReceipts(systemId), key: task.customerId, type: 'kendt.erasure.receipt.v1', source: `urn:${systemId}`, id, time: at, data })]);
};

export const invoice = { record: 'INV-2026-0001', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until: '2031-12-31' };

/** The first value that is there; fails after ten seconds. */
export const until = async <T>(look: () => Promise<T | undefined | false>, ms = 10_000): Promise<T> => {
  for (const end = Date.now() + ms; ; ) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain for: ${String(look)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
