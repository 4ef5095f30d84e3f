import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

interface Destination {
  readonly host: string;
  readonly port: number;
  readonly ssl?: ConnectionOptions;
}

export type Connect = (destination: Destination, onConnect: () => void) => Socket;

interface Watched {
  read: number;
  /** Up to here everything may have been answered. */
  answered: number;
  written: number;
  silentFor: number;
}

interface Broker extends Destination {
  readonly sockets: Map<Socket, Watched>;
  still: boolean;
  asking: boolean;
}

/** Looks in one span of silence. Looks are counted, not time: this process may have been held up itself. */
const looks = 4;
/** ApiVersions, version 0, from nobody: every broker answers it, before any login. */
const question = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);

/**
 * Finds brokers that stand still while their connections stay open, where a client would wait for its request to time out, then ask
 * the same broker again. One that owes an answer for `silenceMs` is asked over a new connection; if that has no answer in as long, all connections
 * to it are ended and new ones refused until it answers. So what is merely slow is left alone.
 */
export class StillBrokers {
  private readonly brokers = new Map<string, Broker>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly silenceMs: number,
    private readonly connect: Connect,
  ) {}

  /** A connection that is watched until it closes. */
  open(destination: Destination, onConnect: () => void): Socket {
    const broker = this.brokerOf(destination);
    if (broker.still) {
      this.ask(broker);
      const refused = new Socket();
      setImmediate(() => refused.destroy(standsStill()));
      return refused;
    }
    const socket = this.connect(destination, onConnect);
    broker.sockets.set(socket, { read: 0, answered: 0, written: 0, silentFor: 0 });
    this.timer ??= setInterval(() => this.look(), this.silenceMs / looks).unref();
    return socket.once('close', () => this.forget(broker, socket));
  }

  private brokerOf(destination: Destination): Broker {
    const name = `${destination.host}:${destination.port}`;
    const broker = this.brokers.get(name) ?? { ...destination, sockets: new Map(), still: false, asking: false };
    this.brokers.set(name, broker);
    return broker;
  }

  private forget(broker: Broker, socket: Socket): void {
    broker.sockets.delete(socket);
    if ([...this.brokers.values()].some(({ sockets }) => sockets.size > 0)) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    for (const broker of this.brokers.values()) {
      for (const [socket, watched] of broker.sockets) {
        if (socket.connecting || !isSilent(socket, watched)) continue;
        // A new connection that had no answer to its first question is the test already.
        if (socket.bytesRead === 0) this.giveUp(broker);
        else this.ask(broker);
      }
    }
  }

  private ask(broker: Broker): void {
    if (broker.asking) return;
    broker.asking = true;
    const socket = this.connect(broker, () => socket.write(question));
    const timer = setTimeout(() => (this.giveUp(broker), socket.destroy()), this.silenceMs);
    const heard = (): void => {
      broker.still = false;
      for (const watched of broker.sockets.values()) watched.answered = watched.written;
      socket.destroy();
    };
    // A refused connection is not still: whoever connects is told at once.
    socket.once('data', heard).once('error', heard).once('close', () => {
      clearTimeout(timer);
      broker.asking = false;
    });
  }

  private giveUp(broker: Broker): void {
    broker.still = true;
    for (const socket of [...broker.sockets.keys()]) socket.destroy(standsStill());
  }
}

const standsStill = (): Error => new Error('The broker stands still');

const isSilent = (socket: Socket, watched: Watched): boolean => {
  const { bytesRead, bytesWritten } = socket;
  if (bytesRead !== watched.read) Object.assign(watched, { read: bytesRead, answered: watched.written, silentFor: 0 });
  else if (watched.written > watched.answered) watched.silentFor++;
  else watched.silentFor = 0;
  watched.written = bytesWritten;
  return watched.silentFor >= looks;
};
