import { join } from 'node:path';
import { type SettingName, settingNames, type Settings, settings } from './settings.js';

export type MailRoute = { readonly kind: 'none' } | { readonly kind: 'dir'; readonly dir: string } | { readonly kind: 'smtp'; readonly url: string };

export interface Config {
  readonly httpHost: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly operatorsPort: number;
  readonly drainMs: number;
  /** Without a slash at the end. Also the OpenID issuer. */
  readonly publicUrl: string;
  readonly trustProxy: readonly string[];
  readonly dataDir: string;
  readonly eventStoreUrl: string;
  /** `env:NAME` or `file:PATH`: where the password is, never the password. */
  readonly eventStorePassword: string | undefined;
  readonly viewsUrl: string;
  readonly topicsUrl: string;
  readonly keysUrl: string;
  readonly configDir: string;
  readonly secretsDir: string;
  readonly demoSecrets: 'generate' | 'required';
  readonly mail: MailRoute;
  readonly mailFrom: string;
  readonly logLevel: Settings['LOG_LEVEL'];
  readonly logFile: string | undefined;
  /** In milliseconds, before each later try of a message. */
  readonly retryDelays: readonly number[];
  readonly rates: { readonly login: number; readonly register: number; readonly identifier: number };
}

/** Every wrong setting in one sentence each; never its value, which may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Pure: the same environment gives the same configuration. An empty variable counts as absent.
 * @throws ConfigError with all mistakes at once.
 */
export const readConfig = (env: Environment): Config => {
  const result = settings.safeParse(told(env, settingNames));
  if (!result.success) throw new ConfigError(result.error.issues.map(sentence));
  return configOf(result.data);
};

/** What the environment says of these settings. */
export const told = (env: Environment, names: readonly SettingName[]): Partial<Record<SettingName, string>> =>
  Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));

export const sentence = ({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }): string => `${String(path[0])} ${message}.`;

export const configOf = (read: Settings): Config => ({
  httpHost: read.HTTP_HOST,
  httpPort: read.HTTP_PORT,
  grpcPort: read.GRPC_PORT,
  operatorsPort: read.OPERATORS_PORT,
  drainMs: read.DRAIN_SECONDS * 1000,
  publicUrl: (read.PUBLIC_URL ?? httpUrl(read.HTTP_HOST, read.HTTP_PORT)).replace(/\/+$/, ''),
  trustProxy: read.TRUST_PROXY?.split(',').map((address) => address.trim()) ?? [],
  dataDir: read.DATA_DIR,
  eventStoreUrl: read.EVENT_STORE_URL ?? sqlite(read, 'events'),
  eventStorePassword: read.EVENT_STORE_PASSWORD,
  viewsUrl: read.VIEWS_URL ?? sqlite(read, 'views'),
  topicsUrl: read.TOPICS_URL ?? sqlite(read, 'topics'),
  keysUrl: read.KEYS_URL ?? sqlite(read, 'keys'),
  configDir: read.CONFIG_DIR,
  secretsDir: read.SECRETS_DIR ?? join(read.DATA_DIR, 'secrets'),
  demoSecrets: read.DEMO_SECRETS,
  mail: read.SMTP_URL ? { kind: 'smtp', url: read.SMTP_URL } : { kind: 'dir', dir: read.MAIL?.slice('dir:'.length) ?? join(read.DATA_DIR, 'mail') },
  mailFrom: read.MAIL_FROM,
  logLevel: read.LOG_LEVEL,
  logFile: read.LOG_FILE,
  retryDelays: read.RETRY_SECONDS.split(',').map((seconds) => Number(seconds) * 1000),
  rates: { login: read.RATE_LOGIN_PER_MINUTE, register: read.RATE_REGISTER_PER_MINUTE, identifier: read.RATE_IDENTIFIER_PER_MINUTE },
});

const sqlite = (read: Settings, name: string): string => `sqlite:${join(read.DATA_DIR, `${name}.db`)}`;

/** An IPv6 address needs brackets in a URL (RFC 3986, 3.2.2). */
export const httpUrl = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
