import { type MongoDeployment, startMongo } from './mongodb.js';

/** A MongoDB that was started once for many tests, or one that somebody has named. Every database below `prefix` may be made and dropped. */
export interface SharedMongo {
  /** `mongodb://[user@]host,…/%DB%?…`, the password by reference to {@link passwordVariable}. */
  readonly template: string;
  /** Where it is ours. */
  readonly hosts?: string;
}

const variable = 'MONGODB_SHARED';
export const passwordVariable = 'MONGODB_PASSWORD';
const place = '%DB%';

/** Hears of it through the environment, as tests run in processes of their own. */
export const sharedMongo = (): SharedMongo => {
  const text = process.env[variable];
  if (text) return JSON.parse(text) as SharedMongo;
  const url = process.env['MONGODB_URL'];
  if (!url) throw new Error('There is no MongoDB: run npm run test:engines');
  const { pathname } = new URL(url);
  return { template: url.replace(/(\/\/[^/?]+)(\/[^?]*)?/, `$1/${place}`) + (pathname.length > 1 && !url.includes('authSource') ? `${url.includes('?') ? '&' : '?'}authSource=${pathname.slice(1)}` : '') };
};

/** The address of a database of this name. */
export const databaseUrl = (name: string): string => sharedMongo().template.replace(place, name);

/** For tests to come: one server with authentication, unless `MONGODB_URL` names another. Gives how to stop it. */
export const shareMongo = async (): Promise<() => Promise<void>> => {
  if (process.env['MONGODB_URL']) return async () => undefined;
  const deployment: MongoDeployment = await startMongo({ users: { kendt: { password: 'kendt-secret', roles: [{ db: 'admin', role: 'readWriteAnyDatabase' }, { db: 'admin', role: 'dbAdminAnyDatabase' }] } } });
  process.env[passwordVariable] = 'kendt-secret';
  const template = `mongodb://kendt@${deployment.hosts}/${place}?authSource=admin&password=env:${passwordVariable}`;
  process.env[variable] = JSON.stringify({ template, hosts: deployment.hosts } satisfies SharedMongo);
  return deployment.stop;
};
