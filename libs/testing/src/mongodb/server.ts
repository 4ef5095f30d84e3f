import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { GuardedProcess } from '../guarded-process.js';

const startsWithinMs = 60_000;
const stopsWithinMs = 15_000;

export interface ServerFiles {
  readonly binary: string;
  /** Of everything that was started together: gone when this process ends without having stopped it. */
  readonly folder: string;
  readonly data: string;
  readonly log: string;
}

/** One mongod; a process of its own. */
export class MongoServer {
  #process: GuardedProcess | undefined;

  constructor(
    readonly port: number,
    private readonly options: readonly string[],
    private readonly files: ServerFiles,
  ) {}

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The folder with everything that it keeps. */
  get dataDir(): string {
    return this.files.data;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning === true;
  }

  /** Begins on what it kept; returns once it listens. @throws with its last words */
  async start(): Promise<void> {
    const { binary, folder, data, log } = this.files;
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const always = ['--bind_ip', '127.0.0.1', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'diagnosticDataCollectionEnabled=false'];
    this.#process = new GuardedProcess([binary, '--dbpath', data, '--port', String(this.port), ...always, ...this.options], folder, log);
    await this.#process.serves('MongoDB', () => listens(this.port), startsWithinMs);
  }

  /** SIGKILL; returns once the process is gone. */
  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL');
  }

  /** Writes what it has to its files and ends. */
  async stop(): Promise<void> {
    await this.#process?.stop(stopsWithinMs);
  }

  /** Holds still, as a machine that swaps or a cable that was pulled: connections stay open, nobody answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (open: boolean): void => (socket.destroy(), resolve(open));
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
