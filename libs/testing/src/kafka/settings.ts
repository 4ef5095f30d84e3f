/** What one broker is reached by. All on 127.0.0.1. */
export interface Ports {
  readonly controller: number;
  /** Neither TLS nor a password; whoever comes this way is `User:ANONYMOUS`, and a super user. */
  readonly plain: number;
  readonly sasl: number;
  readonly tls: number;
  readonly saslOverTls: number;
}

export interface NodeWanted {
  readonly id: number;
  /** Of all nodes, by their ids from 1. */
  readonly ports: readonly Ports[];
  readonly folder: string;
  /** Passwords by user name: opens the listeners with SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER with unsigned tokens). */
  readonly users: Readonly<Record<string, string>> | undefined;
  /** A key store (PKCS #12) and its password: opens the listeners with TLS. */
  readonly keyStore: { readonly file: string; readonly password: string } | undefined;
  /** Nobody may do anything without an ACL, but for these users and whoever comes without a password. */
  readonly superUsers: readonly string[] | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

interface Listener {
  readonly name: string;
  readonly protocol: string;
  readonly port: (ports: Ports) => number;
}

const plain: Listener = { name: 'PLAIN', protocol: 'PLAINTEXT', port: (ports) => ports.plain };
const sasl: Listener = { name: 'SASL', protocol: 'SASL_PLAINTEXT', port: (ports) => ports.sasl };
const tls: Listener = { name: 'TLS', protocol: 'SSL', port: (ports) => ports.tls };
const saslOverTls: Listener = { name: 'SASL_TLS', protocol: 'SASL_SSL', port: (ports) => ports.saslOverTls };
const controller: Listener = { name: 'CONTROLLER', protocol: 'PLAINTEXT', port: (ports) => ports.controller };

const listenersOf = ({ users, keyStore }: NodeWanted): Listener[] => [
  plain,
  ...(users ? [sasl] : []),
  ...(keyStore ? [tls] : []),
  ...(users && keyStore ? [saslOverTls] : []),
];

/** The text of `server.properties`. */
export const settingsOf = (wanted: NodeWanted): string => {
  const settings = { ...basic(wanted), ...saslSettings(wanted), ...tlsSettings(wanted), ...authorizerSettings(wanted), ...wanted.settings };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join('');
};

const basic = (wanted: NodeWanted): Record<string, string> => {
  const { id, ports, folder } = wanted;
  const listeners = listenersOf(wanted);
  const address = ({ name, port }: Listener): string => `${name}://127.0.0.1:${port(ports[id - 1]!)}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': ports.map(({ controller: port }, index) => `${index + 1}@127.0.0.1:${port}`).join(','),
    'controller.listener.names': controller.name,
    listeners: [...listeners, controller].map(address).join(','),
    'advertised.listeners': listeners.map(address).join(','),
    'listener.security.protocol.map': [...listeners, controller].map(({ name, protocol }) => `${name}:${protocol}`).join(','),
    'inter.broker.listener.name': plain.name,
    'log.dirs': folder,
    'auto.create.topics.enable': 'false',
    'num.partitions': '3',
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.num.partitions': '4',
    'num.network.threads': '2',
    'num.io.threads': '4',
    // Compaction within seconds, in little memory.
    'log.cleaner.backoff.ms': '500',
    'log.cleaner.dedupe.buffer.size': String(16 * 2 ** 20),
    ...replication(ports.length),
  };
};

/** With three nodes everything lies on all of them. */
const replication = (nodes: number): Record<string, string> => ({
  'default.replication.factor': String(nodes),
  'offsets.topic.replication.factor': String(nodes),
  'transaction.state.log.replication.factor': String(nodes),
  'transaction.state.log.min.isr': String(Math.min(nodes, 2)),
  'min.insync.replicas': String(Math.min(nodes, 2)),
  // A dead leader is noticed within seconds; until then a node that was killed cannot come back either.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'replica.lag.time.max.ms': '5000',
});

const saslSettings = ({ users, keyStore }: NodeWanted): Record<string, string> => {
  if (!users) return {};
  const passwords = Object.entries(users).map(([name, password]) => ` user_${name}="${password}"`).join('');
  const modules = {
    PLAIN: `plain.PlainLoginModule required${passwords};`,
    'SCRAM-SHA-256': 'scram.ScramLoginModule required;',
    'SCRAM-SHA-512': 'scram.ScramLoginModule required;',
    OAUTHBEARER: 'oauthbearer.OAuthBearerLoginModule required;',
  };
  const ofListener = ({ name }: Listener): [string, string][] =>
    Object.entries(modules).map(([mechanism, module]) => [
      `listener.name.${name.toLowerCase()}.${mechanism.toLowerCase()}.sasl.jaas.config`,
      `org.apache.kafka.common.security.${module}`,
    ]);
  return {
    'sasl.enabled.mechanisms': Object.keys(modules).join(','),
    ...Object.fromEntries([sasl, ...(keyStore ? [saslOverTls] : [])].flatMap(ofListener)),
  };
};

const tlsSettings = ({ keyStore }: NodeWanted): Record<string, string> =>
  keyStore ? { 'ssl.keystore.type': 'PKCS12', 'ssl.keystore.location': keyStore.file, 'ssl.keystore.password': keyStore.password } : {};

const authorizerSettings = ({ superUsers }: NodeWanted): Record<string, string> =>
  superUsers
    ? {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': ['ANONYMOUS', ...superUsers].map((name) => `User:${name}`).join(';'),
      }
    : {};

/** Warnings only, on stdout. */
export const logging = `appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = OUT
`;
