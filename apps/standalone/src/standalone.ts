import { join, resolve } from 'node:path';
import { AuditModule } from '@kendt/audit-service';
import { AuthenticationModule } from '@kendt/authentication-service';
import { adapters } from '@kendt/by-url';
import { ConsentModule, consentGrpc } from '@kendt/consent-service';
import { topicContracts } from '@kendt/contracts';
import { ErasureModule, erasureGrpc } from '@kendt/erasure-service';
import {
  applyConfigFiles, type Config, currentEvents, type Environment, type Kendt, meansOf, readConfig, readConfigFiles, readSecrets, startKendt, tokenKeysFor, unlessAway,
} from '@kendt/nest';
import { ProfileModule, profileGrpc } from '@kendt/profile-service';
import { RegistrationModule, registrationGrpc } from '@kendt/registration-service';
import { type DataFolder, holdDataFolder } from '@kendt/sqlite';

export interface Standalone {
  readonly kendt: Kendt;
  readonly config: Config;
  close(): Promise<void>;
}

/** For trying out on a laptop: demo secrets are made, and logs go to a file so that the terminal stays readable. */
const laptopDefaults = (env: Environment): Environment => ({
  DEMO_SECRETS: 'generate',
  LOG_FILE: join(env['DATA_DIR'] || 'data', 'logs', 'kendt.log'),
  ...env,
});

/** All services in one process, on SQLite files below `DATA_DIR`; the events may lie in KurrentDB, the topics in Kafka. */
export const startStandalone = async (env: Environment): Promise<Standalone> => {
  const config = readConfig(laptopDefaults(env));
  const folder = holdDataFolder(config.dataDir);
  try {
    const kendt = await start(config, env, folder.holder);
    const { httpUrl, grpcUrl, operatorsUrl } = kendt;
    folder.announce({ url: httpUrl, grpcUrl, operatorsUrl, topics: placeOf(config.topicsUrl), secretsDir: resolve(config.secretsDir) });
    return { kendt, config: kendt.config, close: () => stop(kendt, folder) };
  } catch (error) {
    folder.release();
    throw error;
  }
};

const start = async (config: Config, env: Environment, instance: string): Promise<Kendt> => {
  const installation = await readConfigFiles(config.configDir);
  const secrets = await readSecrets(config, { generate: config.demoSecrets === 'generate', clientIds: installation.clients.map(({ id }) => id) });
  const ports = await adapters.open(config, meansOf({ config, secrets }, env));
  await applyConfigFiles(currentEvents(ports), installation, new Date().toISOString());
  await ports.topics
    .ensure(topicContracts({ brands: installation.brands.map(({ id }) => id), systems: installation.systems.map(({ id }) => id) }))
    .catch(unlessAway);
  return startKendt({
    name: 'kendt',
    instance,
    modules: [RegistrationModule, AuthenticationModule, ConsentModule, ProfileModule, ErasureModule, AuditModule],
    grpc: [registrationGrpc, consentGrpc, profileGrpc, erasureGrpc],
    ports,
    config,
    secrets,
    tokenKeys: tokenKeysFor({ secrets: ['tokenKeys'] }, { config, secrets }, () => new Date()),
    installation,
  });
};

/** As a program finds them that runs in another folder. */
const placeOf = (topicsUrl: string): string => (topicsUrl.startsWith('sqlite:') ? `sqlite:${resolve(topicsUrl.slice('sqlite:'.length))}` : topicsUrl);

const stop = async (kendt: Kendt, folder: DataFolder): Promise<void> => {
  await kendt.close();
  folder.release();
};
