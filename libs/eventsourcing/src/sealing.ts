import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type AnyEvent, type DataGroup, dataGroups, erased } from '@kendt/kernel';
import { type EventStore, keyOf, type NewEvent, type StoredEvent, type StreamAppend } from './event-store.port.js';
import type { KeyRing } from './key-ring.port.js';

/** How a sealed data group stands in the store: nonce, authentication tag and ciphertext, base64. */
interface Sealed {
  readonly sealed: string;
}

type Groups = NonNullable<AnyEvent['personal']>;

const nonceBytes = 12;
const tagBytes = 16;

/** A ciphertext that was altered, or moved to another event, stream, customer or group. Never the same as `erased`. */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';
}

/**
 * Seals the personal data of every event on its way in and opens it on its way out: AES-256-GCM (NIST SP 800-38D), a key
 * per customer and data group, bound to customer, stream, event id and group. The customer is the key part of the
 * stream's name, so only streams named after a customer may carry personal data.
 */
export const sealing = (store: EventStore, keys: KeyRing): EventStore => ({
  append: async (appends) => store.append(await Promise.all(appends.map((append) => sealAppend(append, keys)))),
  async *read(stream, options) {
    for await (const event of store.read(stream, options)) yield await open(event, keys);
  },
  async *subscribe(options) {
    for await (const batch of store.subscribe(options)) yield { ...batch, events: await openEach(batch.events, keys) };
  },
  close: () => store.close(),
});

const sealAppend = async (append: StreamAppend, keys: KeyRing): Promise<StreamAppend> => ({
  ...append,
  events: await Promise.all(append.events.map((event) => seal(event, append.stream, keys))),
});

const seal = async (event: NewEvent, stream: string, keys: KeyRing): Promise<NewEvent> => {
  if (!event.personal) return event;
  const personal: Partial<Record<DataGroup, object>> = {};
  for (const [group, value] of groupsOf(event.personal)) {
    const key = value === erased ? undefined : await keys.obtain(keyOf(stream), group);
    // Once a key is destroyed nothing can be sealed under it again: what comes late is dropped, never kept in the clear.
    personal[group] = key ? encrypt(JSON.stringify(value), key, bound(stream, event.id, group)) : { sealed: '' };
  }
  return { ...event, personal };
};

const open = async (event: StoredEvent, keys: KeyRing): Promise<StoredEvent> => {
  if (!event.personal) return event;
  const personal: Partial<Record<DataGroup, object | typeof erased>> = {};
  for (const [group, value] of groupsOf(event.personal)) {
    const { sealed } = value as Sealed;
    const key = sealed === '' ? undefined : await keys.find(keyOf(event.stream), group);
    personal[group] = key ? (JSON.parse(decrypt(sealed, key, bound(event.stream, event.id, group))) as object) : erased;
  }
  return { ...event, personal };
};

const openEach = async (events: readonly StoredEvent[], keys: KeyRing): Promise<StoredEvent[]> => {
  const opened: StoredEvent[] = [];
  for (const event of events) opened.push(event.personal ? await open(event, keys) : event);
  return opened;
};

const groupsOf = (personal: Groups): [DataGroup, object | string][] =>
  dataGroups.flatMap((group): [DataGroup, object | string][] => (personal[group] === undefined ? [] : [[group, personal[group]]]));

const bound = (stream: string, eventId: string, group: DataGroup): Buffer => Buffer.from([keyOf(stream), stream, eventId, group].join('\u0000'));

const encrypt = (plain: string, key: Uint8Array, additional: Buffer): Sealed => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additional);
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return { sealed: Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64') };
};

const decrypt = (sealed: string, key: Uint8Array, additional: Buffer): string => {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(additional)
      .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new IntegrityError(`Sealed data does not belong where it stands: ${additional.toString().replaceAll('\u0000', ' ')}`, { cause });
  }
};
