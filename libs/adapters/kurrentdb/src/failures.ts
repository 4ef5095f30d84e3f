import { Refusal } from '@kendt/kernel';

/**
 * What went wrong, as the client says it: `type` of its own errors (`ErrorType` in its `utils/CommandError`), or the gRPC status where it
 * lets an error of its transport through, as its question for the server's features does.
 */
interface ClientError {
  readonly type?: string;
  readonly code?: number;
}

const byStatus: Readonly<Record<number, string>> = { 1: 'cancelled', 4: 'deadline-exceeded', 7: 'access-denied', 10: 'timeout', 14: 'unavailable', 16: 'access-denied' };

/** Compared as text, so that naming an error loads no client. */
export const kindOf = (error: unknown): string => {
  const { type, code } = (error ?? {}) as ClientError;
  return (type === undefined || type === 'unknown' ? byStatus[code ?? -1] : undefined) ?? type ?? 'unknown';
};

const away = new Set(['unavailable', 'timeout', 'deadline-exceeded', 'cancelled', 'not-leader']);
const tooLarge = new Set(['maximum-append-size-exceeded', 'transaction-max-size-exceeded', 'append-record-size-exceeded']);
const missing = new Set(['stream-not-found', 'stream-deleted', 'stream-tombstoned']);

export const isMissing = (error: unknown): boolean => missing.has(kindOf(error));

/** The server does not answer, or not in time: another try may find it again. */
export const isAway = (error: unknown): boolean => (error instanceof Refusal ? error.code === 'STORE_AWAY' : away.has(kindOf(error)));

export const storeAway = (cause?: unknown): Refusal => new Refusal('STORE_AWAY', 'The event store does not answer at this moment; try again', 'busy', { cause });

export const invalid = (detail: string, cause?: unknown): Refusal => new Refusal('APPEND_INVALID', detail, 'invalid', { cause });

/** What a caller sees. The texts are ours: those of the client repeat stream names and addresses. */
export const toFailure = (error: unknown): Error => {
  const kind = kindOf(error);
  if (error instanceof Refusal) return error;
  if (isAway(error)) return storeAway(error);
  if (missing.has(kind)) return new Refusal('STREAM_DELETED', 'This stream was deleted in KurrentDB and takes no more events', 'gone', { cause: error });
  if (tooLarge.has(kind)) return invalid('KurrentDB takes no append as large as this: raise its setting MaxAppendSize', error);
  if (kind === 'access-denied') return new Error('KurrentDB refused the user of EVENT_STORE_URL or its password, or it may not do this.', { cause: error });
  return new Error('KurrentDB could not do this.', { cause: error });
};

/** @throws Refusal `STORE_AWAY` when a call takes longer than `ms`: the client sets a deadline on most of its calls, but not on all. */
export const within = async <T>(ms: number, call: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(storeAway()), ms);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
};
