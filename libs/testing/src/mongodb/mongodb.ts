import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { freePorts } from '../kafka/free-ports.js';
import { mongodBinary } from './binary.js';
import { MongoServer } from './server.js';

const { MongoClient } = mongoose.mongo;
type MongoClient = mongoose.mongo.MongoClient;

export interface MongoUser {
  readonly password: string;
  /** By database: `readWrite` and the like. */
  readonly roles: readonly { readonly db: string; readonly role: string }[];
}

export interface MongoOptions {
  /** 1 stands alone; 3 are a replica set that takes over from one another. 1 unless told. */
  readonly servers?: 1 | 3;
  /** By name, beside `admin`, who may do everything. */
  readonly users?: Readonly<Record<string, MongoUser>>;
  /** Of mongod, beside those that are set here. */
  readonly arguments?: readonly string[];
}

export interface MongoDeployment {
  readonly servers: readonly MongoServer[];
  /** `host:port,host:port` */
  readonly hosts: string;
  /** Of the replica set, where there is one. */
  readonly replicaSet: string | undefined;
  readonly adminPassword: string;
  primary(): Promise<MongoServer>;
  /** As the user `admin`, for what tests prepare and look at. To be closed by whoever asked. */
  admin(): Promise<MongoClient>;
  /** Ends every process and removes all files. */
  stop(): Promise<void>;
}

const replicaSet = 'rs0';

/** MongoDB on 127.0.0.1 with authentication on, on free ports and files of its own. Returns once it takes writes; if this process ends, so does MongoDB. */
export const startMongo = async ({ servers: count = 1, users = {}, arguments: more = [] }: MongoOptions = {}): Promise<MongoDeployment> => {
  const binary = await mongodBinary();
  const folder = mkdtempSync(join(tmpdir(), 'kendt-mongodb-'));
  const servers: MongoServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const options = [...optionsOf(folder, count), ...more];
    for (const port of await freePorts(count))
      servers.push(new MongoServer(port, options, { binary, folder, data: join(folder, String(port)), log: join(folder, `${port}.log`) }));
    await Promise.all(servers.map((server) => server.start()));
    const deployment = deploymentOf(servers, stop);
    await prepare(deployment, users);
    return deployment;
  } catch (error) {
    await stop();
    throw error;
  }
};

/** What has expired goes within a second, and a member that is silent is given up after two. */
const optionsOf = (folder: string, count: number): string[] => {
  const always = ['--setParameter', 'ttlMonitorSleepSecs=1', '--auth'];
  if (count === 1) return always;
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, randomBytes(48).toString('base64'), { mode: 0o600 });
  return [...always, '--replSet', replicaSet, '--oplogSize', '64', '--keyFile', keyFile];
};

const deploymentOf = (servers: readonly MongoServer[], stop: () => Promise<void>): MongoDeployment => {
  const hosts = servers.map(({ address }) => address).join(',');
  const adminPassword = randomBytes(12).toString('hex');
  const set = servers.length > 1 ? replicaSet : undefined;
  const admin = (): Promise<MongoClient> => new MongoClient(`mongodb://admin:${adminPassword}@${hosts}/${set ? `?replicaSet=${set}` : ''}`).connect();
  return {
    servers, hosts, replicaSet: set, adminPassword, admin, stop,
    primary: async () => {
      for (;;) {
        const running = servers.find(({ isRunning }) => isRunning);
        if (!running) throw new Error('No server is running');
        const { primary } = await directly(running, (client) => client.db('admin').command({ hello: 1 }));
        const found = servers.find(({ address, isRunning }) => isRunning && address === (primary ?? (set ? undefined : address)));
        if (found) return found;
        await sleep(100);
      }
    },
  };
};

/** The first user is made by who comes from this machine; from then on nobody does anything without a password. */
const prepare = async (deployment: MongoDeployment, users: NonNullable<MongoOptions['users']>): Promise<void> => {
  const { servers, adminPassword } = deployment;
  if (deployment.replicaSet) await initiate(servers);
  await directly(await deployment.primary(), (client) => client.db('admin').command({ createUser: 'admin', pwd: adminPassword, roles: ['root'] }));
  const admin = await deployment.admin();
  try {
    for (const [name, { password, roles }] of Object.entries(users)) await admin.db('admin').command({ createUser: name, pwd: password, roles });
  } finally {
    await admin.close();
  }
};

const initiate = async (servers: readonly MongoServer[]): Promise<void> => {
  const members = servers.map(({ address }, _id) => ({ _id, host: address, priority: _id === 0 ? 2 : 1 }));
  const settings = { electionTimeoutMillis: 2000, heartbeatIntervalMillis: 500 };
  await directly(servers[0]!, (client) => client.db('admin').command({ replSetInitiate: { _id: replicaSet, members, settings } }));
  await directly(servers[0]!, async (client) => {
    while (!(await client.db('admin').command({ hello: 1 }))['isWritablePrimary']) await sleep(50);
  });
};

const directly = async <T>({ address }: MongoServer, question: (client: MongoClient) => Promise<T>): Promise<T> => {
  const client = new MongoClient(`mongodb://${address}/?directConnection=true&serverSelectionTimeoutMS=5000`);
  try {
    return await question(await client.connect());
  } finally {
    await client.close();
  }
};
