import { expect, it } from '@jest/globals';
import { MemoryViews } from '@kendt/eventsourcing';
import { OidcStore } from './oidc.store.js';
import { SealedDocuments } from './sealed-documents.js';

const store = (): OidcStore => new OidcStore(new MemoryViews(), () => new Date(), new SealedDocuments(Buffer.alloc(32, 1)));
const inAnHour = Math.floor(Date.now() / 1000) + 3600;

it('lets one of two take a refresh token that both have found unused', async () => {
  const tokens = store().adapter('RefreshToken');
  await tokens.upsert('once', { jti: 'once', exp: inAnHour }, 3600);
  const both = await Promise.allSettled([tokens.consume('once'), tokens.consume('once')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await tokens.find('once')).toMatchObject({ consumed: expect.any(Number) });
});

it('deletes by grant and by account, and nothing else', async () => {
  const kept = store();
  const tokens = kept.adapter('RefreshToken');
  for (const [id, grantId, accountId] of [['a', 'g1', 'ida'], ['b', 'g2', 'ida'], ['c', 'g3', 'bo']] as const) await tokens.upsert(id, { jti: id, grantId, accountId }, 3600);
  await tokens.revokeByGrantId('g1');
  expect([await tokens.find('a'), await tokens.find('b')]).toMatchObject([undefined, { jti: 'b' }] as never);
  await kept.deleteOf('RefreshToken', 'ida', () => true);
  expect([await tokens.find('b'), await tokens.find('c')]).toMatchObject([undefined, { jti: 'c' }] as never);
});

it('finds an interaction that has ended once more, for ten seconds', async () => {
  let now = new Date('2026-03-01T09:00:00.000Z');
  const clock = (): Date => now;
  const interactions = new OidcStore(new MemoryViews(clock), clock, new SealedDocuments(Buffer.alloc(32, 1))).adapter('Interaction');
  for (const id of ['a', 'b']) await interactions.upsert(id, { jti: id }, 3600);
  await interactions.destroy('a');
  await interactions.destroy('b');
  now = new Date(now.getTime() + 9000);
  expect(await interactions.find('a')).toMatchObject({ jti: 'a' });
  await interactions.destroy('a');
  expect(await interactions.find('a')).toBeUndefined();
  now = new Date(now.getTime() + 1001);
  expect(await interactions.find('b')).toBeUndefined();
});

it('does not open what was moved to another place, or sealed with another key', () => {
  const documents = new SealedDocuments(Buffer.alloc(32, 1));
  const sealed = documents.seal({ secret: 1 }, 'Session a');
  expect(documents.open(sealed, 'Session a')).toEqual({ secret: 1 });
  expect(documents.open(sealed, 'Session b')).toBeUndefined();
  expect(new SealedDocuments(Buffer.alloc(32, 2)).open(sealed, 'Session a')).toBeUndefined();
});
