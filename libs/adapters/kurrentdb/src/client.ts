import type { KurrentDBClient, ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { Address } from './address.js';
import { isMissing, kindOf, toFailure, within } from './failures.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What the client has, but does not show in its types. */
interface Hidden {
  readonly capabilities: Promise<{ readonly serverVersion: string; supports(method: { readonly path: string }): boolean }>;
  getChannel(): Promise<{ close(): void }>;
}

const hidden = (client: KurrentDBClient): Hidden => client as unknown as Hidden;

/** Loaded here and only here: it brings gRPC and a native library, which nobody on SQLite should pay for. */
export const connect = async ({ connectionString, tls }: Address, credentials: Credentials | undefined): Promise<KurrentDBClient> => {
  if (credentials && !tls) throw new Error('EVENT_STORE_URL has tls=false, and a password would travel in the open: leave one of them out.');
  const { KurrentDBClient: Client } = await import('@kurrent/kurrentdb-client').catch((cause: unknown) => {
    throw new Error('The KurrentDB client cannot be loaded: it has a native part, which exists for Linux, macOS and Windows on x64 and for Linux and macOS on arm64.', { cause });
  });
  try {
    const client = Client.connectionString(connectionString);
    if (credentials) client.setCredentialsProvider(() => credentials);
    return client;
  } catch (cause) {
    throw new Error('EVENT_STORE_URL is not understood by the KurrentDB client, or a file that it names cannot be read.', { cause });
  }
};

const severalStreams = { path: '/kurrentdb.protocol.v2.streams.StreamsService/AppendSession' };

/** @throws Error with one sentence for the operator: the server is too old. */
export const mustAppendToSeveralStreams = async (client: KurrentDBClient, deadline: number): Promise<void> => {
  const server = await within(deadline, hidden(client).capabilities).catch((error: unknown) => {
    throw toFailure(error);
  });
  if (server.supports(severalStreams)) return;
  throw new Error(`KurrentDB ${server.serverVersion} cannot append to several streams at once: Kendt needs 25.1 or later.`);
};

/** Ends what is under way. The client itself never closes its connection. */
export const disconnect = async (client: KurrentDBClient): Promise<void> => {
  await client.dispose();
  await within(1000, hidden(client).getChannel()).then(
    (channel) => channel.close(),
    () => undefined, // there is no connection, so none is left open
  );
};

/** Each step of a read has its deadline; a stream that is missing or was deleted is empty. */
export async function* reading(events: AsyncIterable<ResolvedEvent>, deadline: number): AsyncIterable<ResolvedEvent> {
  const iterator = events[Symbol.asyncIterator]();
  for (;;) {
    const step = await within(deadline, iterator.next()).catch((error: unknown) => {
      if (isMissing(error)) return { done: true as const };
      // The native part names few errors; whatever else stops a read stops it for now.
      throw toFailure(kindOf(error) === 'unknown' ? { type: 'unavailable', cause: error } : error);
    });
    if (step.done) return;
    yield step.value;
  }
}
