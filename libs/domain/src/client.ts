import { type Command, type Decider, type Event, unreachable } from '@kendt/kernel';
import { same } from './same.js';

export interface ClientDescription {
  /** A client without a brand serves the whole group (compliance, operations). */
  readonly brandId?: string;
  readonly name: string;
  readonly channel: string;
  readonly grants: readonly string[];
  readonly scopes: readonly string[];
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Where the secret lies (`file:…`, `env:…`), never the secret. */
  readonly secret: string;
}

export type ClientCommand = Command<'DescribeClient', ClientDescription> | Command<'RetireClient', Record<never, never>>;

export type ClientEvent =
  | Event<'ClientRegistered', ClientDescription & { registeredAt: string }>
  | Event<'ClientChanged', ClientDescription & { changedAt: string }>
  | Event<'ClientRetired', { retiredAt: string }>;

export type Client = { readonly status: 'absent' } | { readonly status: 'registered' | 'retired'; readonly description: ClientDescription };

const initialState: Client = { status: 'absent' };

const decide = (command: ClientCommand, client: Client): readonly ClientEvent[] => {
  switch (command.type) {
    case 'DescribeClient':
      if (client.status === 'absent') return [{ type: 'ClientRegistered', data: { ...command.data, registeredAt: command.at } }];
      if (client.status === 'registered' && same(client.description, command.data)) return [];
      return [{ type: 'ClientChanged', data: { ...command.data, changedAt: command.at } }];
    case 'RetireClient':
      return client.status === 'registered' ? [{ type: 'ClientRetired', data: { retiredAt: command.at } }] : [];
    default:
      return unreachable(command);
  }
};

const evolve = (client: Client, event: ClientEvent): Client => {
  switch (event.type) {
    case 'ClientRegistered': {
      const { registeredAt: _, ...description } = event.data;
      return { status: 'registered', description };
    }
    case 'ClientChanged': {
      const { changedAt: _, ...description } = event.data;
      return { status: 'registered', description };
    }
    case 'ClientRetired':
      return client.status === 'absent' ? client : { ...client, status: 'retired' };
    default:
      event satisfies never;
      return client;
  }
};

export const client: Decider<ClientCommand, ClientEvent, Client> = { initialState, decide, evolve };

export const clientStream = (clientId: string): string => `client-${clientId}`;
