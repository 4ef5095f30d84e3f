import { lockPatienceMs } from '@kendt/connector/embedded';
import Database from 'better-sqlite3';

/** Waits up to five seconds for a lock of another process. */
export const connect = (file: string): Database.Database => new Database(file, { timeout: lockPatienceMs });
