/** Where KurrentDB is and who asks, from `EVENT_STORE_URL` and the setting that names the password. */
export interface Address {
  /** For the client: without a user, so that the client never holds a text with a password in it. */
  readonly connectionString: string;
  readonly user: string | undefined;
  readonly tls: boolean;
}

export interface AddressOptions {
  /** Milliseconds that one call may take. */
  readonly deadline: number;
}

const form = /^(?<scheme>kurrentdb(?:\+discover)?):\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[A-Za-z0-9.,:[\]_-]+)\/?(?:\?(?<query>.*))?$/;

/** What may stand in the query. The client's own options but those that Kendt decides, or that would weaken it. */
const allowed = ['tls', 'tlsCAFile', 'userCertFile', 'userKeyFile', 'keepAliveInterval', 'keepAliveTimeout', 'gossipTimeout', 'discoveryInterval', 'maxDiscoverAttempts', 'connectionName'];

const refused: Readonly<Record<string, string>> = {
  tlsVerifyCert: 'certificates are always verified: name the authority with tlsCAFile',
  nodePreference: 'Kendt always speaks to the leader, which alone has read what was just written',
  defaultDeadline: 'Kendt sets its own deadlines',
  throwOnAppendFailure: 'Kendt decides what a failed append means',
};

/**
 * Pure. `kurrentdb://[user@]host[:port][,host[:port]…][?option=value&…]`, or `kurrentdb+discover://` for a cluster behind a DNS name.
 * @throws Error with one sentence that never repeats what was given: it may hold a password.
 */
export const readAddress = (url: string, { deadline }: AddressOptions): Address => {
  const { scheme, user, hosts, query } = form.exec(url)?.groups ?? {};
  if (!scheme || !hosts) throw wrong('must be kurrentdb://[user@]host[:port][?option=value]');
  if (user?.includes(':')) throw wrong('must not hold a password: name it with EVENT_STORE_PASSWORD');
  const options = new URLSearchParams(query);
  for (const [name, value] of options) mustBeAllowed(name, value);
  options.set('defaultDeadline', String(deadline));
  options.set('nodePreference', 'leader');
  const pairs = [...options].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return { connectionString: `${scheme}://${hosts}?${pairs.join('&')}`, user: user ? decoded(user) : undefined, tls: options.get('tls') !== 'false' };
};

const mustBeAllowed = (name: string, value: string): void => {
  const reason = refused[name];
  if (reason) throw wrong(`has the option ${name}, but ${reason}`);
  if (!allowed.includes(name)) throw wrong(`has an option that Kendt does not know; there are ${allowed.join(', ')}`);
  if (value === '') throw wrong(`has the option ${name} without a value`);
  if (name === 'tls' && value !== 'true' && value !== 'false') throw wrong('has a tls that is neither true nor false');
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('has a user that is not URL-encoded');
  }
};

const wrong = (what: string): Error => new Error(`EVENT_STORE_URL ${what}.`);
