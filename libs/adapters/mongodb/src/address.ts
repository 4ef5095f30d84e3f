/** Where MongoDB is, in which database, and who asks. */
export interface Address {
  /** For the driver: without a user, so that it never holds a text with a password in it. */
  readonly connectionString: string;
  readonly database: string;
  readonly login: { readonly user: string; readonly password: string; readonly authSource: string } | undefined;
}

const form = /^(?<scheme>mongodb(?:\+srv)?):\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[A-Za-z0-9.,:[\]_-]+)\/(?<database>[A-Za-z0-9_-]{1,38})(?:\?(?<query>.*))?$/;
const reference = /^(env|file):.+/;
const loopback = /^(localhost|127\.[0-9.]+|\[::1\])(:|$)/;

/** What may stand in the query: the driver's own options, but for those that Kendt decides, or that would weaken it. */
const passedOn = ['replicaSet', 'tls', 'tlsCAFile', 'tlsCertificateKeyFile', 'directConnection', 'maxPoolSize', 'compressors'];
const known = [...passedOn, 'authSource', 'authMechanism', 'password'];

const refused: Readonly<Record<string, string>> = {
  tlsInsecure: 'certificates are always verified: name the authority with tlsCAFile',
  tlsAllowInvalidCertificates: 'certificates are always verified: name the authority with tlsCAFile',
  tlsAllowInvalidHostnames: 'certificates are always verified: name the authority with tlsCAFile',
  readPreference: 'Kendt always reads from the primary, which alone has what was just written',
  readConcernLevel: 'Kendt reads what a majority has',
  w: 'Kendt writes to a majority',
  journal: 'Kendt writes to a majority, and to its journal',
  wtimeoutMS: 'Kendt sets its own time-outs',
  socketTimeoutMS: 'Kendt sets its own time-outs',
  connectTimeoutMS: 'Kendt sets its own time-outs',
  serverSelectionTimeoutMS: 'Kendt sets its own time-outs',
  retryWrites: 'Kendt needs it on',
};

/**
 * `mongodb://[user@]host[:port][,host[:port]…]/database[?option=value&…]`, or `mongodb+srv://`. `resolve` gives what a reference
 * (`env:NAME`, `file:PATH`) names.
 * @throws Error with one sentence that begins with `setting` and never repeats what was given: it may hold a password.
 */
export const readAddress = (url: string, setting: string, resolve: (reference: string) => string): Address => {
  const wrong = (what: string): Error => new Error(`${setting} ${what}.`);
  const { scheme, user, hosts, database, query } = form.exec(url)?.groups ?? {};
  if (!scheme || !hosts || !database) throw wrong('must be mongodb://[user@]host[:port][,host[:port]]/database[?option=value]');
  if (user?.includes(':')) throw wrong('must not hold a password: name it with the option password=env:NAME or password=file:PATH');
  const options = new URLSearchParams(query);
  for (const name of options.keys()) mustBeAllowed(name, options.getAll(name), wrong);
  const password = options.get('password');
  if (password !== null && !reference.test(password)) throw wrong('has a password that is not env:NAME or file:PATH: a secret is named, never given');
  const byCertificate = options.get('authMechanism') === 'MONGODB-X509';
  mustLogIn({ user, password, byCertificate, hosts, options }, wrong);
  const pairs = passedOn.flatMap((name) => (options.has(name) ? [`${name}=${encodeURIComponent(options.get(name)!)}`] : []));
  const certificate = byCertificate ? ['authMechanism=MONGODB-X509', 'authSource=%24external'] : [];
  return {
    connectionString: `${scheme}://${hosts}/${database}?${[...pairs, ...certificate].join('&')}`,
    database,
    login: user && password !== null ? { user: decoded(user, wrong), password: resolve(password), authSource: options.get('authSource') ?? database } : undefined,
  };
};

type Wrong = (what: string) => Error;

const mustBeAllowed = (name: string, values: readonly string[], wrong: Wrong): void => {
  const reason = refused[name];
  if (reason) throw wrong(`has the option ${name}, but ${reason}`);
  if (!known.includes(name)) throw wrong(`has an option that Kendt does not know; there are ${known.join(', ')}`);
  if (values.length > 1) throw wrong(`has the option ${name} twice`);
  const [value = ''] = values;
  if (value === '') throw wrong(`has the option ${name} without a value`);
  if ((name === 'tls' || name === 'directConnection') && value !== 'true' && value !== 'false') throw wrong(`has a ${name} that is neither true nor false`);
  if (name === 'maxPoolSize' && !/^[1-9]\d{0,3}$/.test(value)) throw wrong('has a maxPoolSize that is not a whole number from 1 to 9999');
  if (name === 'authMechanism' && value !== 'MONGODB-X509') throw wrong('has an authMechanism that is not MONGODB-X509: with a password, SCRAM is agreed upon by itself');
};

interface Login {
  readonly user: string | undefined;
  readonly password: string | null;
  readonly byCertificate: boolean;
  readonly hosts: string;
  readonly options: URLSearchParams;
}

const mustLogIn = ({ user, password, byCertificate, hosts, options }: Login, wrong: Wrong): void => {
  if (byCertificate) {
    if (user || password !== null) throw wrong('has authMechanism=MONGODB-X509, which takes neither a user nor a password');
    if (!options.has('tlsCertificateKeyFile')) throw wrong('needs tlsCertificateKeyFile with authMechanism=MONGODB-X509');
    return;
  }
  if (!user !== (password === null)) throw wrong('needs a user before the host and the option password together: one of them is missing');
  if (!user && !hosts.split(',').every((host) => loopback.test(host))) throw wrong('names no user: without one, only a server on this machine is spoken to');
};

const decoded = (text: string, wrong: Wrong): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('has a user that is not URL-encoded');
  }
};
