import type { EventStore } from '@kendt/eventsourcing';
import type { Config, OpenUrl } from '@kendt/nest';
import { Failure, type Terminal } from './failure.js';

/** The event store that the settings name. Each adapter is loaded only when it is asked for. */
export const openEventStore = async ({ eventStoreUrl, eventStorePassword }: Config, { env }: Terminal): Promise<EventStore> => {
  const { ConfigError, openByScheme, resolveReference } = await import('@kendt/nest');
  const sqlite: OpenUrl<EventStore> = async (_, file) => {
    const { SqliteEventStore } = await import('@kendt/sqlite');
    return SqliteEventStore.open(file).catch((cause: unknown) => {
      throw new Failure('The event store cannot be opened: set DATA_DIR or EVENT_STORE_URL to where it lies.', { cause });
    });
  };
  const kurrentdb: OpenUrl<EventStore> = async (url) => {
    const password = eventStorePassword && resolveReference(eventStorePassword, env);
    const { KurrentEventStore } = await import('@kendt/kurrentdb');
    return KurrentEventStore.open({ url, ...(password && { password }) }).catch((cause: unknown) => {
      throw new Failure((cause as Error).message, { cause });
    });
  };
  return openByScheme('EVENT_STORE_URL', eventStoreUrl, { sqlite, kurrentdb, 'kurrentdb+discover': kurrentdb }).catch((error: unknown) => {
    throw error instanceof ConfigError ? new Failure(error.message, { cause: error }) : error;
  });
};
