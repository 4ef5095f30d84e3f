import { expect, it } from '@jest/globals';
import { MemoryViews } from '@kendt/eventsourcing';
import { Answers } from './answers.js';

it('gives the right to answer to one of two that ask at the same moment', async () => {
  const answers = new Answers(new MemoryViews(), () => new Date(), { answersKey: Buffer.alloc(32, 1) });
  const claims = await Promise.allSettled([1, 2].map(() => answers.claim(['fjord-web', '', 'key'], 'request')));
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(claims.find((claim) => claim.status === 'rejected')?.reason).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
});
