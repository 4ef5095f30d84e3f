import { describe, expect, it } from '@jest/globals';
import { Refusal } from '@kendt/kernel';
import mongoose from 'mongoose';
import { isAway, isDuplicate, toFailure } from './failures.js';

const { MongoNetworkError, MongoServerError, MongoServerSelectionError, MongoWriteConcernError } = mongoose.mongo;
const store = { setting: 'VIEWS_URL', what: 'store of views' };
const server = (code: number, more: object = {}) => new MongoServerError({ ok: 0, code, errmsg: 'ida@example.org at db.internal', ...more });

describe('what MongoDB’s driver says, in our words', () => {
  it.each([
    ['a cut connection', new MongoNetworkError('db.internal')],
    ['a connection cut in the middle of a write', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })],
    ['no server to be found', new MongoServerSelectionError('db.internal', {} as never)],
    ['no primary', server(10107)],
    ['a primary that steps down', server(189)],
    ['a server that shuts down', server(11600)],
    ['no majority in time', new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } })],
    ['what the server itself says may be tried again', server(1, { errorLabels: ['RetryableWriteError'] })],
  ])('takes %s for a store that is away', (_, error) => {
    expect(isAway(error)).toBe(true);
    expect(toFailure(error, store)).toMatchObject({ name: 'Refusal', code: 'STORE_AWAY', kind: 'busy', cause: error });
  });

  it('names the setting of a login that was refused, and of one that may not do this', () => {
    expect(toFailure(server(18), store).message).toBe('MongoDB refused the user of VIEWS_URL or the password.');
    expect(toFailure(server(13), store).message).toBe('MongoDB does not let the user of VIEWS_URL do this: check its roles.');
  });

  it('says that there is no room, repeats no text of the server’s, and leaves what is not the driver’s alone', () => {
    expect(toFailure(server(14031), store)).toMatchObject({ code: 'STORE_FULL', kind: 'busy' });
    expect(toFailure(server(121, { codeName: 'DocumentValidationFailure' }), store).message).toBe('MongoDB could not do this (DocumentValidationFailure).');
    for (const own of [new Refusal('PAGE_INVALID', 'no', 'invalid'), new Error('ours')]) expect(toFailure(own, store)).toBe(own);
    expect([isDuplicate(server(11000)), isDuplicate(server(13)), isAway(server(13))]).toEqual([true, false, false]);
  });
});
