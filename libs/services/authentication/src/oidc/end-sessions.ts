import type { Follower, StoredEvent } from '@kendt/eventsourcing';
import { keyOf } from '@kendt/eventsourcing';
import type { OidcStore } from './oidc.store.js';

const models = ['Session', 'Grant', 'RefreshToken', 'AuthorizationCode'] as const;

/** Everything that lets this customer in goes: sessions, grants, refresh tokens, codes. */
export const endAllSessions = async (store: OidcStore, customerId: string): Promise<void> => {
  for (const model of models) await store.deleteOf(model, customerId, () => true);
};

/**
 * Only what was there at `revokedAt`: a customer who has signed in again since stays signed in. Times within the documents
 * are whole seconds, so within that second the moment of writing decides.
 */
export const endSessionsBefore = async (store: OidcStore, customerId: string, revokedAt: string): Promise<void> => {
  const second = Math.floor(Date.parse(revokedAt) / 1000);
  for (const model of models)
    await store.deleteOf(model, customerId, ({ writtenAt, payload: { loginTs, iiat, iat } }) => (loginTs ?? iiat ?? iat ?? 0) < second || writtenAt <= revokedAt);
};

/** Makes sure of it, also where the process that revoked them died in between. */
export const endSessions = (store: OidcStore): Follower => ({
  name: 'end-sessions',
  categories: ['customer', 'login'],
  handle: async (event: StoredEvent) => {
    if (event.type === 'CustomerFrozen' || event.type === 'CustomerErased') await endAllSessions(store, keyOf(event.stream));
    if (event.type === 'SessionsRevoked') await endSessionsBefore(store, keyOf(event.stream), (event.data as { revokedAt: string }).revokedAt);
  },
});
