import { join } from 'node:path';
import type { Installation } from '@kendt/contracts';
import type { Clock } from '@kendt/eventsourcing';
import { ConfigFilesError, readConfigFiles } from '../catalogue/config-files.js';
import { type Config, ConfigError, type Environment } from '../config/config.js';
import { readKeyEncryptionKeys } from '../config/key-encryption-keys.js';
import { resolveReference } from '../config/reference.js';
import { publicTokenKeys, secretFiles, tokenKeys } from '../config/secret-kinds.js';
import { lookAtSecrets, type Secrets } from '../config/secrets.js';
import { readSettings } from '../config/service-config.js';
import { type TokenKeys, tokenKeysOf } from '../config/token-keys.js';
import type { Ports } from '../tokens.js';
import { type Service, secretsOf, settingsOf, signsTokens } from './service.js';

type Addresses = Pick<Config, 'eventStoreUrl' | 'viewsUrl' | 'keysUrl'> & Partial<Pick<Config, 'topicsUrl'>>;

/** What an adapter may need besides its address. */
export interface Means {
  resolve(reference: string): string;
  readonly eventStorePassword?: string | undefined;
  readonly keyEncryption: { readonly inUse: Buffer; all(): Promise<readonly Buffer[]> };
}

/** Chooses adapters; only apps have it to give. */
export interface Adapters {
  /** What is wrong with the schemes of these addresses, a sentence each; opens nothing. */
  mistakes(addresses: Partial<Addresses>): readonly string[];
  /** No topics where there is no address of them. */
  open(addresses: Addresses, means: Means): Promise<Omit<Ports, 'topics'> & Partial<Pick<Ports, 'topics'>>>;
}

export interface Prepared {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly installation: Installation | undefined;
}

/**
 * Everything that a process of this service is told, and nothing else.
 * @throws ConfigError with every mistake at once: in settings, in addresses, in references, in secrets and in configuration files.
 */
export const prepare = async (service: Service, adapters: Adapters, env: Environment): Promise<Prepared> => {
  const names = settingsOf(service);
  const { config, mistakes } = readSettings(env, names);
  const told = (name: 'EVENT_STORE_URL' | 'VIEWS_URL' | 'TOPICS_URL' | 'KEYS_URL'): boolean => names.includes(name) && Boolean(env[name]);
  const addresses = {
    ...(told('EVENT_STORE_URL') && { eventStoreUrl: config.eventStoreUrl }),
    ...(told('VIEWS_URL') && { viewsUrl: config.viewsUrl }),
    ...(told('TOPICS_URL') && { topicsUrl: config.topicsUrl }),
    ...(told('KEYS_URL') && { keysUrl: config.keysUrl }),
  };
  const files = names.includes('CONFIG_DIR') && env['CONFIG_DIR'] ? await lookAtFiles(config.configDir) : { mistakes: [] };
  const found = env['SECRETS_DIR'] ? await secretsFor(service, config, files.installation) : { mistakes: [] };
  const all = [...mistakes, ...adapters.mistakes(addresses), ...referenceMistakes(config, env), ...found.mistakes, ...files.mistakes];
  if (all.length > 0 || !found.secrets) throw new ConfigError(all);
  return { config, secrets: found.secrets, installation: files.installation };
};

const secretsFor = async (service: Service, config: Config, installation: Installation | undefined): Promise<{ readonly secrets?: Secrets; readonly mistakes: readonly string[] }> => {
  const clientIds = service.knowsClients ? (installation?.clients ?? []).filter(({ secret }) => secret === undefined).map(({ id }) => id) : [];
  return lookAtSecrets(config, { generate: false, names: secretsOf(service), clientIds }).catch((error: unknown) => {
    if (error instanceof ConfigError) return { mistakes: error.mistakes };
    throw error;
  });
};

const lookAtFiles = async (folder: string): Promise<{ readonly installation?: Installation; readonly mistakes: readonly string[] }> => {
  try {
    return { installation: await readConfigFiles(folder), mistakes: [] };
  } catch (error) {
    if (error instanceof ConfigFilesError) return { mistakes: [error.message] };
    throw error;
  }
};

const referenceMistakes = ({ eventStorePassword, mail }: Config, env: Environment): string[] =>
  [
    ['EVENT_STORE_PASSWORD', eventStorePassword],
    ['SMTP_URL', mail.kind === 'smtp' && !/^smtps?:/.test(mail.url) ? mail.url : undefined],
  ].flatMap(([setting, reference]) => {
    try {
      if (reference) resolveReference(reference, env);
      return [];
    } catch (error) {
      return [`${setting} points at what is not there: ${(error as Error).message}`];
    }
  });

export const meansOf = ({ config, secrets }: Pick<Prepared, 'config' | 'secrets'>, env: Environment): Means => ({
  resolve: (reference) => resolveReference(reference, env),
  eventStorePassword: config.eventStorePassword,
  keyEncryption: { inUse: secrets.keyEncryptionKey, all: () => readKeyEncryptionKeys(config.secretsDir) },
});

/** Private ones where tokens are signed, public ones elsewhere; a rotation is noticed while the process runs. */
export const tokenKeysFor = (service: Pick<Service, 'secrets'>, { config, secrets }: Pick<Prepared, 'config' | 'secrets'>, clock: Clock): TokenKeys =>
  signsTokens(service)
    ? tokenKeysOf(join(config.secretsDir, secretFiles.tokenKeys.file), tokenKeys, secrets.tokenKeys, clock)
    : tokenKeysOf(join(config.secretsDir, secretFiles.publicTokenKeys.file), publicTokenKeys, secrets.publicTokenKeys, clock);
