import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsentModule } from '@kendt/consent-service';
import { consentMessages, customerMessages, fromMessage, profileMessages, schemaUri, topics } from '@kendt/contracts';
import { consentStream, customer, customerStream } from '@kendt/domain';
import { deterministicId, type EventStore, readAll, type StoredEvent, type TopicMessage } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { currentEvents, Followers, type Ports } from '@kendt/nest';
import { memoryPorts, startTestService, type TestService } from '@kendt/nest/testing';
import { ProfileModule } from '@kendt/profile-service';
import { RegistrationModule } from '@kendt/registration-service';
import { SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';
import { ExampleGroup } from '@kendt/testing';

const brands = ['fjord', 'lund'];
const people = Array.from({ length: 8 }, (_, n) => ({ id: deterministicId('person', String(n)), contact: { email: `person${n}@home.example`, phone: `+452000000${n}`, name: { given: `Given${n}`, family: `Family${n}` } } }));

/** The same numbers in every run (mulberry32). */
const dice = (seed: number) => (sides: number): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % sides;
};

const onFiles = async (folder: string): Promise<Ports> => ({
  events: await SqliteEventStore.open(join(folder, 'events.db')),
  views: await SqliteViews.open(join(folder, 'views.db')),
  topics: await SqliteTopics.open(join(folder, 'topics.db')),
  keys: await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: new Uint8Array(randomBytes(32)) }),
});

describe.each([['in memory', async () => memoryPorts()], ['on files', onFiles]])('what is published %s', (_, open) => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-published-'));
  let service: TestService | undefined;
  afterEach(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is, on a profile topic read from its start, exactly the customers of that brand; elsewhere ids only, in order per customer', async () => {
    const ports = await open(folder);
    service = await startTestService({ modules: [RegistrationModule, ConsentModule, ProfileModule], ports });
    const store = currentEvents(ports);
    await live(store, ports, 160);
    const last = await lastPosition(store);
    for (const { name } of service.app.get(Followers).running().filter(({ name }) => name.startsWith('publish-'))) expect(await service.app.get(Followers).waitFor(name, last, 15_000)).toBe(true);
    for (const brandId of brands) expect(await scanned(ports, brandId)).toEqual(await folded(store, brandId));
    await idsOnlyInOrder(ports);
  });
});

/** Lives of many steps, at random: those that a rule forbids are passed over. */
const live = async (store: EventStore, { keys }: Ports, steps: number): Promise<void> => {
  const group = new ExampleGroup(store);
  await group.open();
  const roll = dice(7);
  const moves: ((person: (typeof people)[number], brandId: string) => Promise<unknown>)[] = [
    ({ id, contact }, brandId) => group.register(id, { brandId, contact }),
    ({ id }, brandId) => group.join(id, brandId),
    ({ id }, brandId) => group.join(id, brandId),
    ({ id }, brandId) => group.leave(id, brandId),
    ({ id }, brandId) => group.grant(id, 'newsletter', 1, brandId),
    ({ id }, brandId) => group.grant(id, 'personal-offers', 2, brandId),
    ({ id }, brandId) => group.withdraw(id, 'newsletter', brandId),
    ({ id }) => group.suspend(id),
    ({ id }) => group.reinstate(id),
    ({ id }) => group.reinstate(id),
    ({ id, contact }) => group.act(customer, customerStream(id), { type: 'ChangeContact', data: { contact: { ...contact, phone: `+4531000${100 + roll(900)}` }, language: 'en' } }),
    async ({ id }) => {
      if (roll(3) > 0) return;
      await group.freeze(id);
      await keys.destroy(id, 'contact');
      await group.erase(id);
    },
  ];
  for (const person of people.slice(0, 6)) await group.register(person.id, { contact: person.contact });
  for (let n = 0; n < steps; n++) await moves[roll(moves.length)]!(people[roll(people.length)]!, brands[roll(2)]!).catch((error: unknown) => expect(error).toBeInstanceOf(Refusal));
};

const lastPosition = async (store: EventStore): Promise<string> => {
  const events = (await Promise.all(people.flatMap(({ id }) => [readAll(store, customerStream(id)), readAll(store, consentStream(id))]))).flat();
  return events.map(({ position }) => position).sort().at(-1) ?? '';
};

interface Seen {
  readonly contact: object | undefined;
  readonly language: string;
  readonly suspended: boolean;
  readonly consents: Readonly<Record<string, string>>;
}

/** As a new reader finds the topic. */
const scanned = async ({ topics: kept }: Ports, brandId: string): Promise<Record<string, Seen>> => {
  const latest = new Map<string, TopicMessage>();
  for await (const message of kept.read(topics.profiles(brandId))) latest.set(message.key, message);
  const living = [...latest].filter(([, { value }]) => value !== null);
  return Object.fromEntries(
    living.map(([key, message]) => {
      const { email, phone, name, language, suspended = false, consents } = fromMessage(message, profileMessages).data;
      return [key, { contact: { email, phone, name }, language, suspended, consents: Object.fromEntries(consents.map(({ purposeId, state }) => [purposeId, state])) }];
    }),
  );
};

/** The same from the events, in the plainest way. */
const folded = async (store: EventStore, brandId: string): Promise<Record<string, Seen>> => {
  const all: Record<string, Seen> = {};
  for (const { id } of people) {
    let [member, gone, suspended, language] = [false, false, false, ''];
    let contact: object | undefined;
    for (const { type, data, personal } of await readAll(store, customerStream(id))) {
      const told = data as { brandId?: string; language?: string };
      if (type === 'CustomerRegistered' || type === 'BrandJoined') member ||= told.brandId === brandId;
      if (type === 'BrandLeft' && told.brandId === brandId) member = false;
      if (type === 'CustomerSuspended' || type === 'CustomerReinstated') suspended = type === 'CustomerSuspended';
      if (type === 'CustomerErased') gone = true;
      if (told.language) [language, contact] = [told.language, personal?.['contact'] as object];
    }
    if (member && !gone) all[id] = { contact, language, suspended, consents: await consentsOf(store, id, brandId) };
  }
  return all;
};

const consentsOf = async (store: EventStore, id: string, brandId: string): Promise<Record<string, string>> => {
  const words: Readonly<Record<string, string>> = { ConsentGranted: 'granted', ConsentRefused: 'refused', ConsentWithdrawn: 'withdrawn' };
  const answers = (await readAll(store, consentStream(id))).map(({ type, data }: StoredEvent) => ({ word: words[type]!, ...(data as { brandId: string; purposeId: string }) }));
  return Object.fromEntries(answers.filter((answer) => answer.brandId === brandId).map(({ purposeId, word }) => [purposeId, word]));
};

const idsOnlyInOrder = async ({ topics: kept }: Ports): Promise<void> => {
  for (const topic of [topics.customers, topics.consents]) {
    const sequences = new Map<string, string>();
    const ids = new Set<string>();
    for await (const message of kept.read(topic)) {
      expect(`${JSON.stringify(message.headers)} ${Buffer.from(message.value ?? []).toString()}`).not.toMatch(/home\.example|Given|Family|\+45|claim-of/);
      const { subject, sequence = '', id } = fromMessage(message, { ...customerMessages, ...consentMessages });
      expect(message.headers).toMatchObject({ ce_specversion: '1.0', ce_subject: message.key, ce_dataschema: schemaUri(message.headers['ce_type']!) });
      expect(sequence > (sequences.get(subject) ?? '')).toBe(true);
      sequences.set(subject, sequence);
      ids.add(id);
    }
    expect(ids.size).toBeGreaterThan(20);
  }
};
