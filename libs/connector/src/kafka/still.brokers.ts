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
  /** The question whether it is there, while that has no answer. */
  asked: { readonly socket: Socket; waits: number } | undefined;
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
    this.watch();
    return socket.once('close', () => {
      broker.sockets.delete(socket);
      this.rest();
    });
  }

  private brokerOf(destination: Destination): Broker {
    const name = `${destination.host}:${destination.port}`;
    const broker = this.brokers.get(name) ?? { ...destination, sockets: new Map(), still: false, asked: undefined };
    this.brokers.set(name, broker);
    return broker;
  }

  private watch(): void {
    this.timer ??= setInterval(() => this.look(), this.silenceMs / looks).unref();
  }

  private rest(): void {
    if ([...this.brokers.values()].some(({ sockets, asked }) => sockets.size > 0 || asked)) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    for (const broker of this.brokers.values()) {
      if (broker.asked && ++broker.asked.waits > looks) this.giveUp(broker);
      for (const [socket, watched] of broker.sockets) {
        if (socket.connecting || !isSilent(socket, watched)) continue;
        // A new connection that had no answer to its first question is the test already.
        if (socket.bytesRead === 0) this.giveUp(broker);
        else this.ask(broker);
      }
    }
  }

  private ask(broker: Broker): void {
    if (broker.asked) return;
    const socket = this.connect(broker, () => socket.write(question));
    broker.asked = { socket, waits: 0 };
    this.watch();
    const heard = (): void => {
      broker.still = false;
      for (const watched of broker.sockets.values()) watched.answered = watched.written;
      socket.destroy();
    };
    // A refused connection is not still: whoever connects is told at once.
    socket.once('data', heard).on('error', heard).once('close', () => {
      broker.asked = undefined;
      this.rest();
    });
  }

  private giveUp(broker: Broker): void {
    broker.still = true;
    broker.asked?.socket.destroy();
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
