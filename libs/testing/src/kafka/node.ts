import { join } from 'node:path';
import { GuardedProcess } from '../guarded-process.js';
import { javaCommand } from './java.js';
import type { Ports } from './settings.js';

const startsWithinMs = 90_000;
const stopsWithinMs = 30_000;

interface NodeFiles {
  /** Of the whole cluster: gone when this process ends without having stopped it. */
  readonly cluster: string;
  readonly libraries: string;
  /** Of this node. */
  readonly settings: string;
  readonly logging: string;
  readonly data: string;
}

/** One broker, which is a controller as well; a process of its own. */
export class KafkaNode {
  #process: GuardedProcess | undefined;
  #holdsStill = false;

  constructor(
    readonly id: number,
    readonly ports: Ports,
    private readonly java: readonly string[],
    private readonly files: NodeFiles,
    private readonly isReady: (node: KafkaNode) => Promise<boolean>,
  ) {}

  /** `host:port` of the listener without TLS and password. */
  get address(): string {
    return `127.0.0.1:${this.ports.plain}`;
  }

  /** The folder with everything that the broker keeps: segments of topics, and its own metadata. */
  get logDir(): string {
    return this.files.data;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning === true;
  }

  get answers(): boolean {
    return this.isRunning && !this.#holdsStill;
  }

  /** Begins on what it kept, and returns once clients are served. @throws with its last words */
  async start(): Promise<void> {
    const options = [...this.java, `-Dlog4j2.configurationFile=file:${this.files.logging}`];
    this.#holdsStill = false;
    this.#process = new GuardedProcess(javaCommand(this.files.libraries, options, 'kafka.Kafka', this.files.settings), this.files.cluster, this.#said);
    await this.#process.serves('Kafka', () => this.isReady(this), startsWithinMs);
  }

  /** SIGKILL; returns once the process is gone. */
  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL');
  }

  /** Hands its partitions over and ends. Without a majority of nodes it cannot, and is killed after a while. */
  async stop(): Promise<void> {
    await this.#process?.stop(stopsWithinMs);
  }

  /** Holds still, as a machine that swaps or a cable that was pulled: connections stay open, nobody answers. */
  pause(): void {
    this.#holdsStill = true;
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#holdsStill = false;
    this.#process?.signal('SIGCONT');
  }

  get #said(): string {
    return join(this.files.cluster, `broker-${this.id}.log`);
  }
}
