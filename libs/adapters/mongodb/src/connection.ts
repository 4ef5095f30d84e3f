import mongoose, { type Connection, type ConnectOptions } from 'mongoose';
import { type Address, readAddress } from './address.js';
import { type Store, storeAway, toFailure } from './failures.js';

export interface OpenMongo {
  /** `mongodb://[user@]host[:port]/database[?option=value]`, the password by reference. */
  readonly url: string;
  /** Gives what `env:NAME` or `file:PATH` names. */
  readonly resolve?: (reference: string) => string;
  /** Milliseconds that one call may take, whatever happens. 10,000 unless told. */
  readonly deadline?: number;
}

/** Of one try; a write that can be tried again is tried once more. */
const times = { serverSelectionTimeoutMS: 4000, connectTimeoutMS: 3000, socketTimeoutMS: 4500, waitQueueTimeoutMS: 4000, heartbeatFrequencyMS: 2000 };
const untilWritten = 4000;
const poolSize = 20;

/** Waits for a majority; `journaled` also for the disk where a server stands alone. */
export const written = { w: 'majority', wtimeoutMS: untilWritten } as const;
export const journaled = { ...written, journal: true } as const;

/** One database: a connection with its pool, and what every call to it has in common. */
export class MongoStore {
  #closed = false;

  private constructor(
    readonly connection: Connection,
    readonly store: Store,
    private readonly deadline: number,
  ) {}

  /** @throws Error with one sentence for the operator; Refusal `STORE_AWAY` when the server does not answer. Neither shows the URL or the password. */
  static async open({ url, resolve = noReferences, deadline = 10_000 }: OpenMongo, store: Store): Promise<MongoStore> {
    const address = readAddress(url, store.setting, resolve);
    const connection = mongoose.createConnection();
    const opened = new MongoStore(connection, store, deadline);
    try {
      await opened.call(() => connection.openUri(address.connectionString, optionsOf(address)));
      await opened.call(() => connection.db!.command({ listCollections: 1, nameOnly: true, authorizedCollections: true })); // a wrong password shows now, not at the first customer
      return opened;
    } catch (error) {
      await opened.close();
      throw settingOf(error, store);
    }
  }

  /** @throws Refusal `STORE_AWAY`, also after the deadline; errors of the driver in our words. */
  async call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error(`The ${this.store.what} is closed`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(storeAway(this.store)), this.deadline);
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      throw toFailure(error, this.store);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Of this database, whatever they hold. */
  async collections(): Promise<string[]> {
    return this.call(async () => (await this.connection.db!.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.connection.close(true).catch(() => undefined); // there is nothing to be lost: what was acknowledged is written
  }
}

const noReferences = (): never => {
  throw new Error('Nobody here can look up a secret');
};

const optionsOf = ({ login, database, connectionString }: Address): ConnectOptions => ({
  ...times,
  dbName: database,
  minPoolSize: 1,
  ...(login && { auth: { username: login.user, password: login.password }, authSource: login.authSource }),
  appName: 'kendt',
  ...(!connectionString.includes('maxPoolSize=') && { maxPoolSize: poolSize }),
  retryWrites: true,
  retryReads: true,
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: journaled,
  bufferCommands: false,
  autoCreate: false,
  autoIndex: false,
});

/** What only the opening can get wrong. */
const settingOf = (error: unknown, { setting }: Store): unknown => {
  const { cause } = error as { cause?: { name?: string; code?: string } };
  if (cause?.name === 'MongoParseError' || cause?.name === 'MongoInvalidArgumentError') return new Error(`${setting} is not understood by the MongoDB driver.`, { cause });
  if ((error as { code?: string }).code === 'ENOENT') return new Error(`${setting} names a file of a certificate that cannot be read.`, { cause: error });
  return error;
};
