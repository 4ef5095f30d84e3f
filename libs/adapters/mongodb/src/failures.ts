import { Refusal } from '@kendt/kernel';

/** What the driver knows about an error: its class, the server's number for it, and labels that say whether another try is worth while. */
interface DriverError {
  readonly name?: string;
  readonly code?: number | string;
  readonly codeName?: string;
  readonly errorLabelSet?: ReadonlySet<string>;
  readonly cause?: unknown;
  readonly result?: { readonly code?: number };
  readonly writeConcernError?: unknown;
}

const named = (error: unknown): DriverError => (error ?? {});

/** Compared as text and number, so that naming an error loads no driver. */
const awayNames = new Set([
  'MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoServerSelectionError', 'MongooseServerSelectionError', 'MongoWaitQueueTimeoutError', 'MongoPoolClearedError', 'PoolClearedOnNetworkError',
  'MongoPoolClosedError', 'MongoTopologyClosedError', 'MongoNotConnectedError', 'MongoClientClosedError', 'MongoWriteConcernError', 'MongoOperationTimeoutError', 'MongoExpiredSessionError',
]);

/** The server is going, coming, not the primary (any more), or waits for a majority in vain. */
const awayCodes = new Set([6, 7, 24, 50, 64, 79, 89, 91, 100, 112, 134, 175, 189, 237, 262, 290, 317, 358, 384, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436]);

/** A socket's own errors: the driver lets one through where the connection breaks in the middle of a write. */
const brokenSockets = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

const duplicate = new Set<unknown>([11000, 11001, 12582]);
const full = new Set<unknown>([14031]);
const login = new Set<unknown>([11, 18, 8000]);

export const isDuplicate = (error: unknown): boolean => duplicate.has(named(error).code);

/** Whether what was to be made is new; false where something stands in its place. */
export const unlessTaken = (making: Promise<unknown>): Promise<boolean> =>
  making.then(
    () => true,
    (error: unknown) => {
      if (isDuplicate(error)) return false;
      throw error;
    },
  );

/** The server does not answer, not in time, or is just now changing its primary: another try may find it again. */
export const isAway = (error: unknown): boolean => {
  if (error instanceof Refusal) return error.code === 'STORE_AWAY';
  const { name = '', code, errorLabelSet } = named(error);
  return awayNames.has(name) || awayCodes.has(code as number) || brokenSockets.has(code) || errorLabelSet?.has('RetryableWriteError') === true || errorLabelSet?.has('ResetPool') === true;
};

/** Which store it is about. */
export interface Store {
  /** `VIEWS_URL` */
  readonly setting: string;
  /** For people: `store of views`. */
  readonly what: string;
}

export const storeAway = ({ what }: Store, cause?: unknown): Refusal => new Refusal('STORE_AWAY', `The ${what} does not answer at this moment; try again`, 'busy', { cause });

/** A document that Kendt cannot have written. Not to be tried again. */
export class DocumentDamaged extends Error {
  override readonly name = 'DocumentDamaged';

  constructor(what: string, cause?: unknown) {
    super(`${what} is not as Kendt writes it: it was altered, or damaged. Bring it back from a backup, or build it anew.`, { cause });
  }
}

const isOfDriver = (name: string): boolean => name.startsWith('Mongo') || name.startsWith('BSON') || name === 'PoolClearedOnNetworkError';

/** What a caller sees. The texts are ours: those of the driver repeat documents and addresses. */
export const toFailure = (error: unknown, store: Store): Error => {
  const { code, codeName, name = '' } = named(error);
  if (error instanceof Error && !isOfDriver(name) && !brokenSockets.has(code)) return error;
  if (login.has(code)) return new Error(`MongoDB refused the user of ${store.setting} or the password.`, { cause: error });
  if (code === 13) return new Error(`MongoDB does not let the user of ${store.setting} do this: check its roles.`, { cause: error });
  if (full.has(code)) return new Refusal('STORE_FULL', 'There is no room to write; nothing was written', 'busy', { cause: error });
  if (isAway(error)) return storeAway(store, error);
  return new Error(`MongoDB could not do this (${codeName ?? code ?? name}).`, { cause: error });
};
