import { randomBytes } from 'node:crypto';
import type { Open } from '@kendt/testing';
import { databaseUrl } from '@kendt/testing/mongodb';
import mongoose from 'mongoose';
import type { OpenMongo } from './connection.js';
import { readAddress } from './address.js';

const fromEnvironment = (reference: string): string => process.env[reference.slice('env:'.length)] ?? '';

/** A database that nobody else has, on the server that tests share. */
export interface OwnDatabase {
  readonly options: OpenMongo;
  /** By the driver alone. */
  direct<T>(work: (db: mongoose.mongo.Db) => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

export const ownDatabase = (urlOf: (name: string) => string = databaseUrl, resolve = fromEnvironment): OwnDatabase => {
  const url = urlOf(`kendt_test_${randomBytes(6).toString('hex')}`);
  const direct = async <T>(work: (db: mongoose.mongo.Db) => Promise<T>): Promise<T> => {
    const { connectionString, login, database } = readAddress(url, 'The address', resolve);
    const client = new mongoose.mongo.MongoClient(connectionString, login ? { auth: { username: login.user, password: login.password }, authSource: login.authSource } : {});
    try {
      return await work(client.db(database));
    } finally {
      await client.close();
    }
  };
  return { options: { url, resolve }, direct, remove: () => direct(async (db) => void (await db.dropDatabase())) };
};

/** For contract suites: each test has a database of its own. */
export const onMongo = <Port extends { close(): Promise<void> }>(open: (options: OpenMongo) => Promise<Port>, database = ownDatabase): Open<Port> => async () => {
  const own = database();
  const opened: Port[] = [];
  const another = async (): Promise<Port> => {
    const port = await open(own.options);
    opened.push(port);
    return port;
  };
  const port = await another();
  return {
    port,
    another,
    reopen: async () => {
      await port.close();
      return another();
    },
    close: async () => {
      for (const one of opened) await one.close();
      await own.remove();
    },
  };
};
