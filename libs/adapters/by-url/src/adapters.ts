import type { EventStore, KeyRing, Topics, Views } from '@kendt/eventsourcing';
import { AddressError, openByScheme, schemeMistake } from './by-scheme.js';
import { eventStores, keyRings, type Means, topicStores, viewStores } from './openers.js';

/** One setting per port, a URL whose scheme picks the adapter. A process that has no use for topics names no address of them. */
export interface Addresses {
  readonly eventStoreUrl: string;
  readonly viewsUrl: string;
  readonly keysUrl: string;
  readonly topicsUrl?: string;
}

export interface OpenedPorts {
  readonly events: EventStore;
  readonly views: Views;
  readonly keys: KeyRing;
  readonly topics?: Topics;
}

const nothing: Means = { resolve: (reference) => reference };

/** What is wrong with the schemes of these addresses, a sentence each; opens nothing. */
const mistakes = ({ eventStoreUrl, viewsUrl, topicsUrl, keysUrl }: Partial<Addresses>): string[] =>
  [
    eventStoreUrl && schemeMistake('EVENT_STORE_URL', eventStoreUrl, eventStores(nothing)),
    viewsUrl && schemeMistake('VIEWS_URL', viewsUrl, viewStores()),
    topicsUrl && schemeMistake('TOPICS_URL', topicsUrl, topicStores(nothing)),
    keysUrl && schemeMistake('KEYS_URL', keysUrl, keyRings(nothing)),
  ].flatMap((mistake) => mistake || []);

/** @throws AddressError; and whatever the adapter says that cannot open its address. What was opened before that is closed. */
const open = async <A extends Addresses>(addresses: A, means: Means): Promise<OpenedPorts & (A extends { readonly topicsUrl: string } ? { readonly topics: Topics } : unknown)> => {
  const wrong = mistakes(addresses);
  if (wrong.length > 0) throw new AddressError(wrong);
  const opened: { close(): Promise<void> }[] = [];
  const keep = async <P extends { close(): Promise<void> }>(port: Promise<P>): Promise<P> => {
    opened.push(await port);
    return port;
  };
  try {
    const events = await keep(openByScheme('EVENT_STORE_URL', addresses.eventStoreUrl, eventStores(means)));
    const views = await keep(openByScheme('VIEWS_URL', addresses.viewsUrl, viewStores()));
    const keys = await keep(openByScheme('KEYS_URL', addresses.keysUrl, keyRings(means)));
    const topics = addresses.topicsUrl === undefined ? undefined : await keep(openByScheme('TOPICS_URL', addresses.topicsUrl, topicStores(means)));
    return { events, views, keys, ...(topics && { topics }) } as never;
  } catch (error) {
    for (const port of opened) await port.close().catch(() => undefined);
    throw error;
  }
};

export const openEventStore = ({ eventStoreUrl }: Pick<Addresses, 'eventStoreUrl'>, means: Means): Promise<EventStore> =>
  openByScheme('EVENT_STORE_URL', eventStoreUrl, eventStores(means));

export const openTopics = ({ topicsUrl }: Required<Pick<Addresses, 'topicsUrl'>>, means: Means): Promise<Topics> =>
  openByScheme('TOPICS_URL', topicsUrl, topicStores(means));

/** Chooses adapters by addresses. */
export const adapters = { mistakes, open };
