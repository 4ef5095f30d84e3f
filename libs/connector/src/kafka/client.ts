import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import kafkajs, { type ISocketFactory, type Kafka, type KafkaConfig, type LogEntry } from 'kafkajs';
import { type KafkaAddress, type KafkaLogin, readKafkaAddress } from './address.js';
import { letIdleQueuesRest } from './idle.queue.js';
import { readFile, readReference } from './secret.js';
import { type Connect, StillBrokers } from './still.brokers.js';
import { tokenSource } from './token.js';

export interface KafkaLine {
  readonly level: 'error' | 'warn';
  readonly message: string;
}

export interface KafkaOptions {
  /** See `docs/configuration.md`. */
  readonly url: string;
  /** The name of the setting that `url` comes from, for sentences. */
  readonly setting?: string;
  /** Reads `env:NAME` and `file:PATH`. */
  readonly resolve?: (reference: string) => string;
  /** What brokers write into their logs. */
  readonly clientId?: string;
  /** Hears what the client says about connections, without stacks. Nobody hears it unless told. */
  readonly onLine?: (line: KafkaLine) => void;
  readonly timing?: Partial<KafkaTiming>;
}

/** All in milliseconds. */
export interface KafkaTiming {
  readonly connect: number;
  readonly request: number;
  /** A broker that owes an answer for so long is asked whether it is there, and has as long to say so. Less than `connect`. */
  readonly silence: number;
  /** A member of a group that is not heard of for so long has died. */
  readonly session: number;
  readonly heartbeat: number;
  /** How long a fetch waits for something new. */
  readonly fetchWait: number;
  /** How often a consumer looks for new topics. */
  readonly refresh: number;
  /** How long closing waits for what is under way. */
  readonly close: number;
}

const usualTiming: KafkaTiming = { connect: 3_000, request: 10_000, silence: 2_000, session: 6_000, heartbeat: 1_000, fetchWait: 500, refresh: 3_000, close: 2_000 };

letIdleQueuesRest();

/** The client that is used at present, with its sockets: those that belong together are cut together. */
export interface OpenedKafka {
  readonly kafka: Kafka;
  /** Ends every connection at once, and lets none be made any more. */
  cut(): void;
}

/** Reads files and secrets once, so that a wrong one is found at the start; connects to nothing. */
export class KafkaClient {
  readonly address: KafkaAddress;
  readonly timing: KafkaTiming;
  private readonly config: KafkaConfig;
  /** What one connection has found out holds for all of them. */
  private readonly brokers: StillBrokers;

  /** @throws Error with one sentence for the operator. */
  constructor({ url, setting, resolve = readReference, clientId = 'kendt', onLine, timing }: KafkaOptions) {
    this.address = readKafkaAddress(url, setting);
    this.timing = { ...usualTiming, ...timing };
    this.brokers = new StillBrokers(this.timing.silence, connect);
    const { brokers, tls, login } = this.address;
    this.config = {
      clientId, brokers: [...brokers], connectionTimeout: this.timing.connect, requestTimeout: this.timing.request,
      ...(tls && { ssl: tlsOf(tls) }), ...(login && { sasl: saslOf(login, resolve) }),
      // Bounded: who called tries again from its checkpoint.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
      logLevel: onLine ? kafkajs.logLevel.WARN : kafkajs.logLevel.NOTHING,
      logCreator: () => (entry: LogEntry) => onLine?.({ level: entry.level === kafkajs.logLevel.ERROR ? 'error' : 'warn', message: entry.log.message }),
    };
  }

  open(): OpenedKafka {
    const sockets = new Sockets(this.brokers);
    return { kafka: new kafkajs.Kafka({ ...this.config, socketFactory: sockets.connect }), cut: () => sockets.cut() };
  }
}

class Sockets {
  private readonly open = new Set<Socket>();
  private ended = false;

  constructor(private readonly brokers: StillBrokers) {}

  readonly connect: ISocketFactory = ({ onConnect, ...destination }) => {
    if (this.ended) throw new Error('The topics are closed');
    const socket = this.brokers.open(destination, onConnect);
    this.open.add(socket);
    return socket.once('close', () => this.open.delete(socket));
  };

  cut(): void {
    this.ended = true;
    for (const socket of this.open) socket.destroy(new Error('The topics are closed'));
  }
}

const connect: Connect = ({ host, port, ssl }, onConnect) => {
  const socket = ssl ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect) : connectPlain({ host, port }, onConnect);
  return socket.setKeepAlive(true, 30_000);
};

const tlsOf = ({ caFile, certFile, keyFile }: NonNullable<KafkaAddress['tls']>): KafkaConfig['ssl'] => ({
  ...(caFile && { ca: [readFile(caFile, 'file of tlsCaFile')] }),
  ...(certFile && { cert: readFile(certFile, 'file of tlsCertFile') }),
  ...(keyFile && { key: readFile(keyFile, 'file of tlsKeyFile') }),
});

const saslOf = (login: KafkaLogin, resolve: (reference: string) => string): NonNullable<KafkaConfig['sasl']> =>
  login.mechanism === 'oauthbearer'
    ? { mechanism: 'oauthbearer', oauthBearerProvider: tokenSource(login, resolve(login.clientSecret)) }
    : { mechanism: login.mechanism as 'plain', username: login.username, password: resolve(login.password) };
