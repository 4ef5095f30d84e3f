import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { type Connect, StillBrokers } from './still.brokers.js';

/** Answers everything on each connection until it stands still. */
class Broker {
  answers = true;
  /** Answers on new connections only. */
  slow = false;
  /** Resolves when a connection has ended that was made while the broker was slow. */
  readonly asked = Promise.withResolvers<void>();
  private readonly sockets: Socket[] = [];
  private readonly server: Server = createServer((socket) => {
    this.sockets.push(socket.on('error', () => undefined));
    const isNew = this.slow;
    if (isNew) socket.once('close', () => this.asked.resolve());
    socket.on('data', () => {
      if (this.answers && (!this.slow || isNew)) socket.write('yes');
    });
  });

  async start(): Promise<{ host: string; port: number }> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

const silenceMs = 100;
const failureOf = async (socket: Socket): Promise<string> => {
  const [{ message }] = (await once(socket, 'error')) as [Error];
  return message;
};
const connect: Connect = ({ host, port }, onConnect) => connectTo({ host, port }, onConnect);

describe('brokers that stand still', () => {
  const ends: (() => void)[] = [];
  afterEach(() => ends.splice(0).forEach((end) => end()));

  const setUp = async () => {
    const broker = new Broker();
    ends.push(() => broker.stop());
    const destination = await broker.start();
    const brokers = new StillBrokers(silenceMs, connect);
    const open = (): Socket => {
      const socket = brokers.open(destination, () => socket.write('ready?'));
      ends.push(() => socket.destroy());
      return socket;
    };
    const answered = async (): Promise<Socket> => {
      const socket = open();
      await once(socket, 'data');
      return socket.resume();
    };
    return { broker, open, answered };
  };

  it('lose every connection as soon as one of them has waited in vain, the idle ones too', async () => {
    const { broker, answered } = await setUp();
    const sockets = [await answered(), await answered()];
    broker.answers = false;
    sockets[0]!.write('still there?');
    expect(await Promise.all(sockets.map(failureOf))).toEqual(['The broker stands still', 'The broker stands still']);
  });

  it('are seen by a first question that has no answer', async () => {
    const { broker, open } = await setUp();
    broker.answers = false;
    expect(await failureOf(open())).toBe('The broker stands still');
  });

  it('are refused at once until they answer, and then connected to again', async () => {
    const { broker, open } = await setUp();
    broker.answers = false;
    await failureOf(open());
    const refused = open();
    expect(refused.connecting).toBe(false);
    expect(await failureOf(refused)).toBe('The broker stands still');
    broker.answers = true;
    while (!(await once(open(), 'data').catch(() => false)));
  });

  it('are told apart from those that need long for one answer', async () => {
    const { broker, answered, open } = await setUp();
    const waiting = await answered();
    broker.slow = true;
    let lost = false;
    waiting.on('close', () => (lost = true));
    waiting.write('take your time');
    await broker.asked.promise;
    expect(lost).toBe(false);
    await once(open(), 'data');
  });
});
