import { isBusy } from '@kendt/connector/embedded';
import { Refusal } from '@kendt/kernel';

/** What a driver's error has, also when it has come from another thread. */
export interface DriverError {
  readonly code?: string;
  readonly message: string;
}

/** The file gives something that was never written. Not to be tried again. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged';

  constructor(file: string, cause?: unknown) {
    super(`${file} is damaged. Stop Kendt and restore it from a backup.`, { cause });
  }
}

export const busy = (cause?: unknown): Refusal => new Refusal('STORE_BUSY', 'Too much is being written at this moment; try again', 'busy', { cause });

const full = (cause?: unknown): Refusal => new Refusal('STORE_FULL', 'There is no room to write; nothing was written', 'busy', { cause });

// ENOSPC is SQLITE_FULL; a quota or a limit of the file's size comes as a failed write, also of the -shm.
const isFull = ({ code = '' }: DriverError): boolean => /^SQLITE_(FULL|IOERR_(WRITE|TRUNCATE|SHMSIZE|SHMOPEN))/.test(code);
const isDamage = ({ code = '' }: DriverError): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(code);

/** The driver's error in our words, where it means something that a caller or an operator can act on. */
export const inOurWords = (error: unknown, file: string): unknown => {
  const found = error as DriverError;
  if (isBusy(found)) return busy(error);
  if (isFull(found)) return full(error);
  if (isDamage(found)) return new StoreDamaged(file, error);
  return error;
};
