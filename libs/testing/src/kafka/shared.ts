import { type KafkaCluster, startKafka } from './broker.js';

/** A broker that was started once for many tests, or a cluster that somebody has named. */
export interface SharedKafka {
  /** `kafka://host:port,…`, without a password unless the name says otherwise. */
  readonly url: string;
  /** Nothing about a cluster that is not ours. */
  readonly ours?: Ours;
}

interface Ours extends Pick<KafkaCluster, 'addresses' | 'certificate'> {
  /** Passwords by user name. Every user but `kendt` needs ACLs. */
  readonly users: Readonly<Record<string, string>>;
}

const variable = 'KAFKA_SHARED';

/** Hears of it through the environment, as tests run in processes of their own. */
export const sharedKafka = (): SharedKafka => {
  const text = process.env[variable];
  if (text) return JSON.parse(text) as SharedKafka;
  const url = process.env['KAFKA_URL'];
  if (!url) throw new Error('There is no broker: run npm run test:engines');
  return { url };
};

/** For tests to come: a broker with everything open, unless `KAFKA_URL` names a cluster. Gives how to stop it. */
export const shareKafka = async (): Promise<() => Promise<void>> => {
  if (process.env['KAFKA_URL']) return async () => undefined;
  const users = { kendt: 'kendt-secret', crm: 'crm-secret', shop: 'shop-secret' };
  const { url, addresses, certificate, stop } = await startKafka({ users, tls: true, superUsers: ['kendt'] });
  process.env[variable] = JSON.stringify({ url, ours: { addresses, certificate, users } } satisfies SharedKafka);
  return stop;
};
