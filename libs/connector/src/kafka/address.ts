/** Where a cluster is, how its certificates are checked, and who asks. Secrets are named, never held. */
export interface KafkaAddress {
  /** `host:port` */
  readonly brokers: readonly string[];
  readonly tls: KafkaTls | undefined;
  readonly login: KafkaLogin | undefined;
  /** For topics that are made, unless their definition says otherwise. */
  readonly topics: { readonly partitions?: number; readonly replication?: number; readonly minInSyncReplicas?: number };
}

/** Paths of PEM files: the authority that signed the brokers' certificates, and a certificate of one's own. */
export interface KafkaTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** `password` and `clientSecret` are `env:NAME` or `file:PATH`. */
export type KafkaLogin =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'oauthbearer'; readonly tokenUrl: string; readonly clientId: string; readonly clientSecret: string; readonly scope?: string };

const form = /^(?<scheme>kafkas?):\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[A-Za-z0-9.,:[\]_-]+)\/?(?:\?(?<query>.*))?$/;
const reference = /^(env|file):.+/;
const loopback = /^(localhost|127\.[0-9.]+|\[::1\])(:|$)/;

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
const ofTls = ['tlsCaFile', 'tlsCertFile', 'tlsKeyFile'] as const;
const ofPassword = ['username', 'password'] as const;
const ofToken = ['tokenUrl', 'clientId', 'clientSecret', 'scope'] as const;
const ofTopics = ['partitions', 'replication', 'minInSyncReplicas'] as const;
const known = ['tls', ...ofTls, 'sasl', ...ofPassword, ...ofToken, ...ofTopics];

/**
 * Pure. `kafka://host[:port][,host[:port]…][?option=value&…]`; `kafkas://` is the same with `tls=true`.
 * @throws Error with one sentence that begins with `setting` and never repeats what was given: it may hold a password.
 */
export const readKafkaAddress = (url: string, setting = 'The address of the topics'): KafkaAddress => {
  const wrong = (what: string): Error => new Error(`${setting} ${what}.`);
  const { scheme, user, hosts, query } = form.exec(url)?.groups ?? {};
  if (!scheme || !hosts) throw wrong('must be kafka://host:port[,host:port][?option=value]');
  if (user !== undefined) throw wrong('must not name a user before the host: give sasl, username and password as options');
  const options = new Options(new URLSearchParams(query), wrong);
  const brokers = hosts.split(',').map((host) => brokerOf(host, wrong));
  const tls = readTls(scheme, options, wrong);
  const login = readLogin(options, wrong);
  if (login && exposes(login) && !tls && !brokers.every((broker) => loopback.test(broker)))
    throw wrong(`has sasl=${login.mechanism} without TLS, and the secret would travel in the open: use kafkas://`);
  return { brokers, tls, login, topics: readTopics(options) };
};

type Wrong = (what: string) => Error;

class Options {
  constructor(
    private readonly given: URLSearchParams,
    private readonly wrong: Wrong,
  ) {
    for (const [name, value] of given) {
      if (!known.includes(name)) throw wrong(`has an option that Kendt does not know; there are ${known.join(', ')}`);
      if (value === '') throw wrong(`has the option ${name} without a value`);
      if (given.getAll(name).length > 1) throw wrong(`has the option ${name} twice`);
    }
  }

  get(name: string): string | undefined {
    return this.given.get(name) ?? undefined;
  }

  need(name: string, why: string): string {
    return this.get(name) ?? this.fail(`needs the option ${name} with ${why}`);
  }

  secret(name: string, why: string): string {
    const value = this.need(name, why);
    return reference.test(value) ? value : this.fail(`has a ${name} that is not env:NAME or file:PATH: a secret is named, never given`);
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    return /^[1-9]\d{0,4}$/.test(value) ? Number(value) : this.fail(`has a ${name} that is not a whole number above 0`);
  }

  /** Options that make no sense here are a mistake, not something to be passed over. */
  refuse(names: readonly string[], why: string): void {
    const there = names.find((name) => this.given.has(name));
    if (there) this.fail(`has the option ${there} ${why}`);
  }

  private fail(what: string): never {
    throw this.wrong(what);
  }
}

const brokerOf = (host: string, wrong: Wrong): string => {
  const { name, port } = /^(?<name>[^:[\]]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>\d{1,5}))?$/.exec(host)?.groups ?? {};
  if (!name || Number(port ?? 9092) > 65535) throw wrong('names a host that is not host:port');
  return `${name}:${port ?? '9092'}`;
};

const readTls = (scheme: string, options: Options, wrong: Wrong): KafkaTls | undefined => {
  const tls = options.get('tls') ?? String(scheme === 'kafkas');
  if (tls !== 'true' && tls !== 'false') throw wrong('has a tls that is neither true nor false');
  if (tls === 'false') {
    if (scheme === 'kafkas') throw wrong('is kafkas:// with tls=false: leave one of them out');
    options.refuse(ofTls, 'without tls=true');
    return undefined;
  }
  const [caFile, certFile, keyFile] = ofTls.map((name) => options.get(name));
  if ((certFile === undefined) !== (keyFile === undefined)) throw wrong('needs tlsCertFile and tlsKeyFile together');
  return { ...(caFile && { caFile }), ...(certFile && keyFile && { certFile, keyFile }) };
};

const readLogin = (options: Options, wrong: Wrong): KafkaLogin | undefined => {
  const sasl = options.get('sasl');
  const mechanism = mechanisms.find((name) => name === sasl);
  if (sasl !== undefined && !mechanism) throw wrong(`has a sasl that is none of ${mechanisms.join(', ')}`);
  if (mechanism !== 'oauthbearer') options.refuse(ofToken, 'without sasl=oauthbearer');
  if (!mechanism || mechanism === 'oauthbearer') options.refuse(ofPassword, 'without sasl=plain, scram-sha-256 or scram-sha-512');
  if (!mechanism) return undefined;
  if (mechanism === 'oauthbearer') return readToken(options, wrong);
  const why = `sasl=${mechanism}`;
  return { mechanism, username: options.need('username', why), password: options.secret('password', why) };
};

const readToken = (options: Options, wrong: Wrong): KafkaLogin => {
  const [why, scope] = ['sasl=oauthbearer', options.get('scope')];
  const tokenUrl = options.need('tokenUrl', why);
  const { protocol, host } = URL.canParse(tokenUrl) ? new URL(tokenUrl) : { protocol: '', host: '' };
  if (protocol !== 'https:' && !(protocol === 'http:' && loopback.test(host))) throw wrong('has a tokenUrl that is not https://');
  return { mechanism: 'oauthbearer', tokenUrl, clientId: options.need('clientId', why), clientSecret: options.secret('clientSecret', why), ...(scope && { scope }) };
};

const readTopics = (options: Options): KafkaAddress['topics'] => {
  const numbers = ofTopics.map((name) => [name, options.number(name)] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(numbers);
};

/** SCRAM proves that one knows the password without sending it. */
const exposes = ({ mechanism }: KafkaLogin): boolean => mechanism === 'plain' || mechanism === 'oauthbearer';
