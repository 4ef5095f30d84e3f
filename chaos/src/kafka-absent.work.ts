import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connector, connect, erased, fileStore, notHeld } from '@kendt/connector';
import { type CustomerProfile, type Message, toMessage, topicContracts, topics as names } from '@kendt/contracts';
import { KafkaTopics } from '@kendt/kafka';
import { placeIn } from './kafka.clusters.js';
import type { Ordeal } from './scenario.js';

export const sabotages = {
  'from-now': 'passes over what was sent before it was there',
  'keep-gone': 'keeps customers who have gone',
};

/** Of this run: the topics of an installation have fixed names, and others use the same broker. */
export interface Parties {
  readonly brand: string;
  readonly present: string;
  readonly absent: string;
}

/** By customer: the e-mail address, and the purposes that are granted. */
export type State = Record<string, { email: string; granted: string[] }>;

const customers = 40;
const purposes = ['newsletter', 'offers', 'survey'];
const changesInThousand = 1_000;
const catchesUpWithinMs = 60_000;

const fileIn = (folder: string): string => join(folder, 'parties.json');
export const nameParties = (folder: string): void => {
  const run = randomUUID().slice(0, 8);
  writeFileSync(fileIn(folder), JSON.stringify({ brand: `b-${run}`, present: `present-${run}`, absent: `absent-${run}` } satisfies Parties));
};
export const partiesIn = (folder: string): Parties => JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Parties;

/** What a system makes of what it hears. Customers and consents come on topics of their own, in any order. */
class Customers {
  private readonly emails = new Map<string, string>();
  private readonly granted = new Map<string, Set<string>>();

  follow(connector: Connector, { keepsGone = false, since = '' }: { readonly keepsGone?: boolean; readonly since?: string }): void {
    connector
      .onCustomer((change, { time = '' }) => {
        if (change.kind === 'gone') return keepsGone ? undefined : void this.emails.delete(change.customerId);
        if (time >= since) this.emails.set(change.customerId, change.profile.email!);
      })
      .onConsent(({ customerId, purposeId, state }, { time = '' }) => {
        if (time < since) return;
        const granted = this.granted.get(customerId) ?? new Set();
        this.granted.set(customerId, granted);
        if (state === 'granted') granted.add(purposeId);
        else granted.delete(purposeId);
      })
      .onErasure(({ customerId }) => {
        this.granted.delete(customerId);
        return this.emails.delete(customerId) ? erased() : notHeld();
      });
  }

  state(): State {
    const sorted = [...this.emails].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([id, email]) => [id, { email, granted: [...(this.granted.get(id) ?? [])].sort() }]));
  }
}

/** What happens to customers, and what must come of it. Whoever was erased is nobody any more; whoever has left may come back. */
class Story {
  readonly state: State = {};
  readonly erased: string[] = [];
  private readonly ids = Array.from({ length: customers }, () => randomUUID());

  constructor(
    private readonly parties: Parties,
    private readonly random: () => number,
  ) {}

  next(): Message[] {
    const place = Math.floor(this.random() * customers);
    const id = this.ids[place]!;
    const customer = this.state[id];
    const what = this.random();
    if (!customer || what < 0.3) return this.changed(id);
    if (what < 0.9) return this.answered(id, customer.granted);
    if (what < 0.95) return this.left(id);
    this.ids[place] = randomUUID();
    return this.erase(id);
  }

  private changed(customerId: string): Message[] {
    const email = `${Math.floor(this.random() * 1e9)}@example.org`;
    this.state[customerId] = { email, granted: this.state[customerId]?.granted ?? [] };
    const profile: CustomerProfile = { customerId, brandId: this.parties.brand, kind: 'full', email, emailVerified: true, language: 'da', consents: [] };
    return [this.message(names.profiles(this.parties.brand), 'kendt.profile.changed.v1', customerId, profile)];
  }

  private answered(customerId: string, granted: string[]): Message[] {
    const purposeId = purposes[Math.floor(this.random() * purposes.length)]!;
    const had = granted.includes(purposeId);
    this.state[customerId]!.granted = had ? granted.filter((one) => one !== purposeId) : [...granted, purposeId].sort();
    return [this.consent(customerId, purposeId, had ? 'withdrawn' : 'granted')];
  }

  /** Who leaves a brand has withdrawn everything there. */
  private left(customerId: string): Message[] {
    const withdrawn = this.state[customerId]!.granted.map((purposeId) => this.consent(customerId, purposeId, 'withdrawn'));
    return [...withdrawn, this.gone(customerId)];
  }

  private erase(customerId: string): Message[] {
    this.erased.push(customerId);
    const at = new Date().toISOString();
    const tasks = [this.parties.present, this.parties.absent].map((systemId) =>
      this.message(names.erasureTasks, 'kendt.erasure.task-issued.v1', customerId, { taskId: randomUUID(), caseId: randomUUID(), customerId, systemId, kind: 'erase', issuedAt: at, dueAt: at }),
    );
    return [this.gone(customerId), ...tasks];
  }

  private gone(customerId: string): Message {
    delete this.state[customerId];
    return this.message(names.profiles(this.parties.brand), 'kendt.profile.changed.v1', customerId, null);
  }

  private consent(customerId: string, purposeId: string, state: 'granted' | 'withdrawn'): Message {
    return this.message(names.consents, `kendt.consent.${state}.v1`, customerId, { customerId, at: new Date().toISOString(), brandId: this.parties.brand, purposeId });
  }

  private message(topic: string, type: string, key: string, data: object | null): Message {
    return toMessage({ topic, type, key, source: 'urn:kendt:chaos', id: randomUUID(), time: new Date().toISOString(), data });
  }
}

/** Profiles are compacted while the run goes on: who comes later finds only the last of each, and of some who have gone nothing. */
const soon = { segmentMs: 200, maxCompactionLagMs: 300, deleteRetentionMs: 300 };

const ensure = (topics: KafkaTopics, { brand, present, absent }: Parties): Promise<void> =>
  topics.ensure(topicContracts({ brands: [brand], systems: [present, absent] }).map((contract) => ({ ...contract, ...(contract.name === names.profiles(brand) && { ...soon, partitions: 1 }) })));

export const endure = async ({ folder, times, random, sabotage, say, progress, signal }: Ordeal): Promise<void> => {
  const [{ url }, parties] = [placeIn(folder), partiesIn(folder)];
  const topics = KafkaTopics.open({ url });
  const running: Connector[] = [];
  const start = (system: string, options: Parameters<Customers['follow']>[1] = {}): Customers => {
    const connector = connect({ system, topics: url, store: fileStore(join(folder, system)), brands: [parties.brand] });
    const its = new Customers();
    its.follow(connector, options);
    running.push(connector);
    connector.run().catch((error: unknown) => say({ is: 'failed', system, error: String(error) }));
    return its;
  };
  try {
    await ensure(topics, parties);
    const present = start(parties.present, { keepsGone: sabotage === 'keep-gone' });
    await running[0]!.ready;
    const story = new Story(parties, random);
    for (let done = 0; done < times * changesInThousand && !signal.aborted; progress(++done / changesInThousand)) {
      await topics.publish(story.next());
    }
    say({ is: 'story', state: story.state, erased: story.erased });
    const absent = start(parties.absent, sabotage === 'from-now' ? { since: new Date().toISOString() } : {});
    await caughtUp(running, signal);
    for (const [system, its] of [[parties.present, present], [parties.absent, absent]] as const) say({ is: 'state', system, state: its.state() });
  } finally {
    await Promise.all(running.map((connector) => connector.close()));
    await topics.close();
  }
};

const caughtUp = async (connectors: readonly Connector[], signal: AbortSignal): Promise<void> => {
  await Promise.all(connectors.map(({ ready }) => ready));
  for (const latest = Date.now() + catchesUpWithinMs; Date.now() < latest && !signal.aborted; await sleep(50)) {
    const lags = await Promise.all(connectors.map((connector) => connector.lag()));
    if (lags.flatMap((lag) => Object.values(lag)).every((messages) => messages === 0)) return;
  }
};
