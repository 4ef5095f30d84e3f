import type { EventStore } from '@kendt/eventsourcing';
import type { Config } from '@kendt/nest';
import { Failure, type Terminal } from './failure.js';

/** The event store that the settings name. Each adapter is loaded only when it is asked for. */
export const openEventStore = async ({ eventStoreUrl, eventStorePassword }: Config, { env }: Terminal): Promise<EventStore> => {
  const [{ openEventStore: open }, { resolveReference }] = await Promise.all([import('@kendt/by-url'), import('@kendt/nest')]);
  return open({ eventStoreUrl }, { eventStorePassword, resolve: (reference) => resolveReference(reference, env) }).catch((cause: unknown) => {
    throw new Failure(said(cause as Error, eventStoreUrl), { cause });
  });
};

/** What SQLite says of a file that is not there tells nobody what to do. */
const said = ({ name, message }: Error, url: string): string =>
  name !== 'AddressError' && url.startsWith('sqlite:') ? 'The event store cannot be opened: set DATA_DIR or EVENT_STORE_URL to where it lies.' : message;
