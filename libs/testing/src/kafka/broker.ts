import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { makeCertificate } from './certificate.js';
import { freePorts } from './free-ports.js';
import { javaCommand, kafkaJars, runTool } from './java.js';
import { KafkaNode } from './node.js';
import { logging, type Ports, settingsOf } from './settings.js';

export interface KafkaOptions {
  /** Three take over from one another; 1 unless told. */
  readonly brokers?: 1 | 3;
  /** Passwords by user name: opens the listener with SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER with unsigned tokens). */
  readonly users?: Readonly<Record<string, string>>;
  /** Opens the listener with TLS; with `users`, one with SASL over TLS as well. */
  readonly tls?: boolean;
  /** Turns the authorizer on: without an ACL nobody may do anything, but for these users, and whoever comes through `addresses`. */
  readonly superUsers?: readonly string[];
  /** Of `server.properties`, over what is set there. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For what is measured. Java then compiles twice, which is worth its while only for a broker that lives for minutes. */
  readonly forSpeed?: boolean;
}

export interface KafkaCluster {
  /** By id, from 1. */
  readonly nodes: readonly KafkaNode[];
  /** `kafka://host:port,host:port`, without TLS and password. */
  readonly url: string;
  /** Each `host:port`, as clients want them. Empty where the listener is not open. */
  readonly addresses: { readonly plain: string[]; readonly sasl: string[]; readonly tls: string[]; readonly saslOverTls: string[] };
  /** PEM, to be trusted by clients that use TLS. */
  readonly certificate: string | undefined;
  /** As those say who answer. */
  leaderOf(topic: string, partition: number): Promise<KafkaNode>;
  /** Ends every process and removes all files. */
  stop(): Promise<void>;
}

/** Apache Kafka on 127.0.0.1, on free ports and files of its own. Returns once it serves; if this process ends, so does Kafka. */
export const startKafka = async (options: KafkaOptions = {}): Promise<KafkaCluster> => {
  const libraries = await kafkaJars();
  const folder = mkdtempSync(join(tmpdir(), 'kendt-kafka-'));
  const nodes: KafkaNode[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const prepared = await prepare(folder, libraries, options);
    nodes.push(...prepared.nodes);
    await Promise.all(nodes.map((node) => node.start()));
    return clusterOf(nodes, options, prepared.certificate, stop);
  } catch (error) {
    await stop();
    throw error;
  }
};

const clusterOf = (nodes: readonly KafkaNode[], { users, tls }: KafkaOptions, certificate: string | undefined, stop: () => Promise<void>): KafkaCluster => {
  const at = (isOpen: boolean, port: (ports: Ports) => number): string[] => (isOpen ? nodes.map(({ ports }) => `127.0.0.1:${port(ports)}`) : []);
  const plain = at(true, (ports) => ports.plain);
  return {
    nodes,
    url: `kafka://${plain.join(',')}`,
    addresses: {
      plain,
      sasl: at(!!users, (ports) => ports.sasl),
      tls: at(!!tls, (ports) => ports.tls),
      saslOverTls: at(!!users && !!tls, (ports) => ports.saslOverTls),
    },
    certificate,
    leaderOf: async (topic, partition) => {
      const { topics } = await asking(nodes.filter(({ answers }) => answers), (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
      const leader = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader;
      const node = nodes.find(({ id }) => id === leader);
      if (!node) throw new Error(`Partition ${partition} of ${topic} has no leader`);
      return node;
    },
    stop,
  };
};

const firstCompilerOnly = '-XX:TieredStopAtLevel=1';

interface Prepared {
  readonly nodes: readonly KafkaNode[];
  readonly certificate: string | undefined;
}

const prepare = async (folder: string, libraries: string, options: KafkaOptions): Promise<Prepared> => {
  const { brokers = 1, users, tls, superUsers, settings = {}, forSpeed } = options;
  const ports = await portsFor(brokers);
  const certificate = tls ? await makeCertificate(folder) : undefined;
  writeFileSync(join(folder, 'log4j2.properties'), logging);
  const filesOf = (id: number) => ({
    cluster: folder, libraries, logging: join(folder, 'log4j2.properties'), settings: join(folder, `broker-${id}.properties`), data: join(folder, `broker-${id}`),
  });
  const java = [`-Xmx${brokers === 1 ? 256 : 192}m`, ...(forSpeed ? [] : [firstCompilerOnly])];
  const nodes = ports.map((own, index) => new KafkaNode(index + 1, own, java, filesOf(index + 1), isReady));
  for (const { id, logDir } of nodes) {
    const text = settingsOf({ id, ports, folder: logDir, users, keyStore: certificate?.keyStore, superUsers, settings });
    writeFileSync(filesOf(id).settings, text, { mode: 0o600 });
  }
  await format(filesOf(1), libraries, users);
  for (const { id, logDir } of nodes.slice(1)) copyFormatted(nodes[0]!.logDir, logDir, id);
  return { nodes, certificate: certificate?.trusted };
};

const portsFor = async (brokers: number): Promise<Ports[]> => {
  const free = await freePorts(brokers * 5);
  return Array.from({ length: brokers }, () => {
    const [controller, plain, sasl, tls, saslOverTls] = free.splice(0, 5) as [number, number, number, number, number];
    return { controller, plain, sasl, tls, saslOverTls };
  });
};

/** Writes what a node must have before its first start: its name, the cluster's, and the users. */
const format = (files: { readonly settings: string; readonly logging: string }, libraries: string, users: KafkaOptions['users'] = {}): Promise<void> => {
  const scram = Object.entries(users).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]),
  );
  const options = [firstCompilerOnly, `-Dlog4j2.configurationFile=file:${files.logging}`];
  return runTool(javaCommand(libraries, options, 'kafka.tools.StorageTool', 'format', '-t', uuid(), '-c', files.settings, ...scram));
};

/** As `format` would write it, without another three seconds of Java: only the names differ. */
const copyFormatted = (from: string, to: string, id: number): void => {
  cpSync(from, to, { recursive: true });
  const file = join(to, 'meta.properties');
  const text = readFileSync(file, 'utf8').replace(/^node\.id=.*$/m, `node.id=${id}`).replace(/^directory\.id=.*$/m, `directory.id=${uuid()}`);
  writeFileSync(file, text);
};

/** Kafka's own way of writing one; never with a dash in front, which its tools take for an option. */
const uuid = (): string => `K${randomBytes(16).toString('base64url').slice(1)}`;

const isReady = async (node: KafkaNode): Promise<boolean> => {
  try {
    return (await asking([node], (admin) => admin.describeCluster())).brokers.some(({ nodeId }) => nodeId === node.id);
  } catch {
    return false;
  }
};

const asking = async <T>(nodes: readonly KafkaNode[], question: (admin: kafkajs.Admin) => Promise<T>): Promise<T> => {
  const client = new kafkajs.Kafka({
    clientId: 'kafka-watch', brokers: nodes.map(({ address }) => address), logLevel: kafkajs.logLevel.NOTHING, connectionTimeout: 2000, retry: { retries: nodes.length - 1 },
  });
  const admin = client.admin();
  try {
    await admin.connect();
    return await question(admin);
  } finally {
    await admin.disconnect();
  }
};
