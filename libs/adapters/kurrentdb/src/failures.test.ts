import { describe, expect, it } from '@jest/globals';
import { isAway, isMissing, kindOf, toFailure, within } from './failures.js';

// Recorded shapes, each with where in @kurrent/kurrentdb-client 1.3.1 (dist/) it comes from.
const shapes = {
  transport: { code: 14, details: 'No connection established', metadata: {} }, // Client/ServerFeatures: passes the transport's error on
  unavailable: { type: 'unavailable', code: 14 }, // utils/CommandError: UnavailableError, also for INTERNAL and DATA_LOSS
  commitTimeout: { type: 'timeout', code: 10 }, // utils/CommandError: ABORTED
  late: { type: 'deadline-exceeded', code: 4 }, // utils/CommandError: DEADLINE_EXCEEDED
  cancelled: { type: 'cancelled', code: 1 }, // utils/CommandError: CANCELLED by the server
  notLeader: { type: 'not-leader', leader: { address: 'b', port: 2113 } }, // utils/convertBridgeError: NotLeaderError
  denied: { type: 'access-denied' }, // utils/CommandError: UNAUTHENTICATED
  forbidden: { type: 'unknown', code: 7 }, // utils/CommandError: PERMISSION_DENIED has no case of its own
  missing: { type: 'stream-not-found', streamName: 'word-a' }, // utils/convertBridgeError: StreamNotFoundError
  deleted: { type: 'stream-deleted', streamName: 'word-a' }, // utils/convertBridgeError: StreamDeletedError
  tombstoned: { type: 'stream-tombstoned', stream: 'word-a' }, // utils/CommandError: StreamTombstonedErrorDetails
  tooLarge: { type: 'transaction-max-size-exceeded', size: 2, maxSize: 1 }, // utils/CommandError: AppendTransactionSizeExceededErrorDetails
  recordTooLarge: { type: 'append-record-size-exceeded', size: 2, maxSize: 1 }, // utils/CommandError: AppendRecordSizeExceededErrorDetails
  broken: { type: 'unknown', code: 2, message: '2 UNKNOWN: Exception was thrown by handler.' }, // utils/CommandError: UnknownError
};

describe('failures of the client', () => {
  it.each(['transport', 'unavailable', 'commitTimeout', 'late', 'cancelled', 'notLeader'] as const)('%s: the store is away', (name) => {
    expect(isAway(shapes[name])).toBe(true);
    expect(toFailure(shapes[name])).toMatchObject({ name: 'Refusal', code: 'STORE_AWAY', kind: 'busy', cause: shapes[name] });
  });

  it.each(['missing', 'deleted', 'tombstoned'] as const)('%s: there is no such stream', (name) => {
    expect(isMissing(shapes[name])).toBe(true);
    expect(toFailure(shapes[name])).toMatchObject({ code: 'STREAM_DELETED', kind: 'gone' });
  });

  it.each(['tooLarge', 'recordTooLarge'] as const)('%s: it is for the caller to make it smaller', (name) => {
    expect(toFailure(shapes[name])).toMatchObject({ code: 'APPEND_INVALID', kind: 'invalid' });
  });

  it.each(['denied', 'forbidden'] as const)('%s: it is for the operator to mend', (name) => {
    expect(kindOf(shapes[name])).toBe('access-denied');
    expect(toFailure(shapes[name]).message).toContain('refused the user');
    expect(isAway(shapes[name])).toBe(false);
  });

  it.each([[shapes.broken], [new Error('x')], [undefined], ['text']])('%j: said to be unknown, in our own words', (error) => {
    expect(kindOf(error)).toBe('unknown');
    expect(toFailure(error)).toMatchObject({ message: 'KurrentDB could not do this.', cause: error });
  });

  it('leaves a refusal as it is', () => {
    const refusal = toFailure(shapes.late);
    expect(toFailure(refusal)).toBe(refusal);
  });
});

describe('within', () => {
  it('gives what comes in time, and refuses what does not', async () => {
    expect(await within(1000, Promise.resolve(1))).toBe(1);
    await expect(within(1000, Promise.reject(new Error('own')))).rejects.toThrow('own');
    await expect(within(5, new Promise(() => undefined))).rejects.toMatchObject({ code: 'STORE_AWAY' });
  });
});
