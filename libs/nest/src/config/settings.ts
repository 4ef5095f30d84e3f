import { z } from 'zod';

const port = (fallback: number, what: string) =>
  z.coerce.number('is not a number').int('is not a whole number').min(0, 'is below 0').max(65535, 'is above 65535').default(fallback).describe(what);
const perMinute = (fallback: number, what: string) =>
  z.coerce.number('is not a number').int('is not a whole number').min(1, 'is below 1').default(fallback).describe(what);
const oneOf = <const T extends readonly string[]>(values: T, fallback: T[number], what: string) =>
  z.enum(values, `is none of ${values.join(', ')}`).default(fallback as never).describe(what);
const url = (what: string) => z.url('is not a URL').optional().describe(what);
const place = (what: string) => z.string().regex(/^[a-z][a-z0-9+.-]*:.+/i, 'is not of the form scheme:place').optional().describe(what);
const reference = (what: string) => z.string().regex(/^(env|file):.+/, 'is not env:NAME or file:PATH').optional().describe(what);
const text = (fallback: string, what: string) => z.string().min(1, 'is empty').default(fallback).describe(what);
const optionalText = (what: string) => z.string().min(1, 'is empty').optional().describe(what);

/** Every setting, what it means and what it is unless told. The only place where the names of the environment stand. */
export const settings = z.object({
  HTTP_HOST: text('127.0.0.1', 'address that HTTP, gRPC and the operators\' port listen on'),
  HTTP_PORT: port(3000, 'port for REST, OpenID Connect and pages; 0 takes a free one'),
  GRPC_PORT: port(50051, 'port for gRPC; 0 takes a free one'),
  OPERATORS_PORT: port(9464, 'port for /health and /metrics; 0 takes a free one'),
  DRAIN_SECONDS: z.coerce.number('is not a number').min(0, 'is below 0').max(5, 'is above 5').default(0)
    .describe('how long a process that was told to stop still answers, so that the gateway sees on /health/ready that it goes; 2 behind a gateway'),
  PUBLIC_URL: url('address that callers see, and the OpenID issuer (http://<HTTP_HOST>:<HTTP_PORT>)'),
  TRUST_PROXY: optionalText('addresses of proxies whose X-Forwarded-* headers are believed: comma-separated IPs, CIDRs or `loopback`'),
  DATA_DIR: text('data', 'folder of everything that is kept'),
  EVENT_STORE_URL: place('where events are kept: sqlite:FILE, kurrentdb://… or kurrentdb+discover://… (sqlite:<DATA_DIR>/events.db)'),
  EVENT_STORE_PASSWORD: reference('password of the user that EVENT_STORE_URL names: env:NAME or file:PATH'),
  VIEWS_URL: place('where read models are kept (sqlite:<DATA_DIR>/views.db)'),
  TOPICS_URL: place('where messages to other systems are kept: sqlite:FILE, kafka://… or kafkas://… with TLS (sqlite:<DATA_DIR>/topics.db)'),
  KEYS_URL: place('where the keys of customers are kept (sqlite:<DATA_DIR>/keys.db)'),
  CONFIG_DIR: text('config/demo', 'folder with brands, clients, purposes and systems'),
  SECRETS_DIR: optionalText('folder with the secrets (<DATA_DIR>/secrets)'),
  DEMO_SECRETS: oneOf(['generate', 'required'], 'required', 'generate: make secrets that are missing, for trying out; required: refuse to start'),
  MAIL: z.string().regex(/^dir:.+/, 'is not of the form dir:FOLDER').optional().describe('folder for mails while developing (dir:<DATA_DIR>/mail)'),
  SMTP_URL: z.string().regex(/^((smtps?:\/\/.+)|file:.+|env:.+)/, 'is not smtp://, smtps://, file:PATH or env:NAME').optional()
    .describe('mail server; wins over MAIL; may be file:PATH or env:NAME, since it holds a password'),
  MAIL_FROM: text('Kendt <no-reply@kendt.example>', 'sender of mails'),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info', 'least severity that is logged'),
  LOG_FILE: optionalText('file for logs instead of the terminal'),
  RETRY_SECONDS: z.string().regex(/^\d+(\.\d+)?(,\d+(\.\d+)?)*$/, 'is not a list of seconds like 1,5,30').default('1,5,30,120,600')
    .describe('waits before each later try of a message that could not be handled; after the last one it is a dead letter'),
  RATE_LOGIN_PER_MINUTE: perMinute(30, 'logins per client address and minute'),
  RATE_REGISTER_PER_MINUTE: perMinute(30, 'registrations per client address and minute'),
  RATE_IDENTIFIER_PER_MINUTE: perMinute(20, 'logins or registrations per e-mail address and minute'),
});

export type Settings = z.infer<typeof settings>;
export type SettingName = keyof Settings;

export const settingNames = Object.keys(settings.shape) as readonly SettingName[];

/** What is left out where a process wants it told: the default that stands in brackets. */
const withoutDefault = (meaning: string): string => meaning.replace(/ \([^()]*\)$/, '');

const rowOf = (name: SettingName, required: ReadonlySet<SettingName>): readonly [string, string, string] => {
  const schema: z.ZodType = settings.shape[name];
  const meaning = schema.description ?? '';
  if (required.has(name)) return [name, 'required', withoutDefault(meaning)];
  return [name, schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : '', meaning];
};

/** For `--help`: a line per setting with its default and meaning. */
export const configHelp = (names: readonly SettingName[] = settingNames, required: readonly SettingName[] = []): string => {
  const rows = settingNames.filter((name) => names.includes(name)).map((name) => rowOf(name, new Set(required)));
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length)) + 2;
  return rows.map(([name, fallback, meaning]) => `${name.padEnd(width(0))}${fallback.padEnd(width(1))}${meaning}`.trimEnd()).join('\n');
};
