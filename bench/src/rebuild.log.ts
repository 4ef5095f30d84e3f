import { type EventStore, randomId, type StreamAppend } from '@kendt/eventsourcing';
import type { AnyEvent } from '@kendt/kernel';

/** How many customers have come since a customer's first event when each of their events happens: much at first, then now and then. */
const after = [0, 1, 3, 10, 100, 500, 2000, 5000, 10_000, 20_000];
export const eventsPerCustomer = after.length;

const appendStreams = 50;
const atOnce = 40;
const brands = ['fjord', 'lund', 'skov'];

const contact = (customer: number, change: number) => ({
  email: `customer.${customer}.${change}@example.org`, phone: `+4520${String(customer).padStart(6, '0')}`, name: { given: 'Ida', family: `Holm-${customer}` },
});

/** The life of one customer: two of ten events carry contact details. */
const life: readonly ((customer: number) => AnyEvent)[] = [
  (n) => ({ type: 'CustomerRegistered', data: { kind: 'full', brandId: brands[n % 3], language: 'da', emailClaim: claim(n, 0), registeredAt: at }, personal: { contact: contact(n, 0) } }),
  (n) => ({ type: 'EmailVerified', data: { emailClaim: claim(n, 0), verifiedAt: at } }),
  (n) => ({ type: 'BrandJoined', data: { brandId: brands[(n + 1) % 3], joinedAt: at } }),
  (n) => ({ type: 'ExternalIdentityLinked', data: { provider: 'facebook', claim: claim(n, 7), linkedAt: at } }),
  (n) => ({ type: 'BrandJoined', data: { brandId: brands[(n + 2) % 3], joinedAt: at } }),
  (n) => ({ type: 'ContactDetailsChanged', data: { emailClaim: claim(n, 1), language: 'da', changedAt: at }, personal: { contact: contact(n, 1) } }),
  (n) => ({ type: 'EmailVerified', data: { emailClaim: claim(n, 1), verifiedAt: at } }),
  (n) => ({ type: 'BrandLeft', data: { brandId: brands[(n + 2) % 3], leftAt: at } }),
  () => ({ type: 'ExternalIdentityUnlinked', data: { provider: 'facebook', unlinkedAt: at } }),
  (n) => ({ type: 'BrandJoined', data: { brandId: brands[(n + 2) % 3], joinedAt: at } }),
];

const at = '2026-03-01T12:00:00.000Z';
const claim = (customer: number, change: number): string => `${customer}-${change}`.padStart(64, 'c0ffee');
const metadata = { actorKind: 'client', actorId: 'fjord-web', channel: 'web', brand: 'fjord', recordedAt: at, schemaVersion: '1' } as const;

/** Fills the log with customers whose lives run side by side. */
export const fillLog = async (store: EventStore, customers: number, progress: (done: number, of: number) => void): Promise<void> => {
  const streams = Array.from({ length: customers }, () => `customer-${randomId()}`);
  const moments = momentsOf(customers);
  let pending: Promise<unknown>[] = [];
  for (let n = 0; n < moments.length; n += appendStreams) {
    pending.push(store.append(appendsOf(moments.slice(n, n + appendStreams), streams)));
    if (pending.length < atOnce) continue;
    await Promise.all(pending);
    pending = [];
    progress(n, moments.length);
  }
  await Promise.all(pending);
};

interface Moment {
  readonly customer: number;
  readonly step: number;
  readonly time: number;
}

/** 0.5 to 1.5, the same in each run: not everybody lives at the same pace. */
const spread = (customer: number, step: number): number => 0.5 + ((Math.imul(customer * eventsPerCustomer + step, 2654435761) >>> 0) / 2 ** 32);

const momentsOf = (customers: number): Moment[] => {
  const scale = Math.min(1, customers / 100_000);
  const moments: Moment[] = [];
  for (let customer = 0; customer < customers; customer++)
    for (let step = 0, time = customer; step < after.length; step++, time += (after[step] ?? 0) * scale * spread(customer, step)) moments.push({ customer, step, time });
  return moments.sort((a, b) => a.time - b.time || a.step - b.step);
};

const appendsOf = (moments: readonly Moment[], streams: readonly string[]): StreamAppend[] => {
  const appends = new Map<string, StreamAppend & { events: StreamAppend['events'][number][] }>();
  for (const { customer, step } of moments) {
    const stream = streams[customer]!;
    const append = appends.get(stream) ?? { stream, expected: 'any' as const, events: [] };
    const id = randomId();
    append.events.push({ ...life[step]!(customer), id, metadata: { ...metadata, commandId: id, correlationId: id, causationId: id } });
    appends.set(stream, append);
  }
  return [...appends.values()];
};
