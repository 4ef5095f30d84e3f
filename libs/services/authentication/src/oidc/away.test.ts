import { describe, expect, it } from '@jest/globals';
import { Refusal } from '@kendt/kernel';
import { answerAway, noteAway } from './away.js';

const answered = async (status: number, error: unknown): Promise<{ status: number; headers: Record<string, unknown> }> => {
  const headers: Record<string, unknown> = {};
  const ctx = { status: 404, set: (name: string, value: string) => void (headers[name] = value) };
  await answerAway(ctx as never, async () => {
    noteAway(ctx, error);
    ctx.status = status;
  });
  return { status: ctx.status, headers };
};

const storeAway = new Refusal('STORE_AWAY', 'The store cannot be reached', 'busy');

describe('an answer of the OpenID provider', () => {
  it('says when to ask again while what it needs is away', async () => {
    expect(await answered(500, storeAway)).toEqual({ status: 503, headers: { 'retry-after': '1' } });
  });

  it('stays what it was for any other failure, and where the client is told by a redirect', async () => {
    expect(await answered(500, new TypeError('ours'))).toEqual({ status: 500, headers: {} });
    expect(await answered(303, storeAway)).toEqual({ status: 303, headers: {} });
  });
});
