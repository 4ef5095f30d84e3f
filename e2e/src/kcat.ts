import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { workspaceFile } from './workspace.js';

/** A message as kcat shows it. */
export interface Seen {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** `null`: a tombstone. */
  readonly payload: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

interface Line extends Omit<Seen, 'headers'> {
  /** Names and values by turns. */
  readonly headers?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Somebody who reads and writes Kafka with kcat, and knows nothing of Kendt's code. */
export class Kcat {
  private constructor(private readonly login: readonly string[]) {}

  /** Installs kcat where it is missing. */
  static async make(broker: string, username: string, password: string): Promise<Kcat> {
    const installing = promisify(execFile)(process.execPath, [workspaceFile('tools/kcat.mjs')]);
    installing.child.stderr?.pipe(process.stderr, { end: false });
    await installing;
    // Not SCRAM: what Debian links kcat with cannot sign in that way at a Kafka of today. The principal is the same.
    const settings = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.username': username, 'sasl.password': password };
    return new Kcat(['-b', broker, ...Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`])]);
  }

  async topics(): Promise<string[]> {
    const { topics } = JSON.parse((await this.run(['-L', '-J'])).out) as { topics: { topic: string }[] };
    return topics.map(({ topic }) => topic).filter((name) => !name.startsWith('__')).sort();
  }

  /** All that the topic keeps, each partition in order. */
  async read(topic: string): Promise<Seen[]> {
    const { code, out, err } = await this.run(['-C', '-t', topic, '-e', '-q', '-J']);
    if (code !== 0) throw new Error(`kcat could not read ${topic}: ${err}`);
    return out.split('\n').filter(Boolean).map((line) => seen(JSON.parse(line) as Line));
  }

  write(topic: string, key: string, headers: Readonly<Record<string, string>>, value: object): Promise<Ended> {
    return this.run(['-P', '-t', topic, '-k', key, '-X', 'message.timeout.ms=10000', ...Object.entries(headers).flatMap(([name, text]) => ['-H', `${name}=${text}`])], JSON.stringify(value));
  }

  /** To the end of what is there, and gone again. */
  follow(group: string, topic: string): Promise<Ended> {
    return this.run(['-G', group, '-X', 'auto.offset.reset=earliest', '-e', '-q', topic]);
  }

  private run(args: readonly string[], input = ''): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn('kcat', [...this.login, ...args], { timeout: 20_000 });
      // One that is refused may be gone before it has read: how it ended says so, not the pipe that broke.
      child.stdin.on('error', () => undefined);
      let [out, err] = ['', ''];
      child.stdout.on('data', (part: Buffer) => (out += part.toString()));
      child.stderr.on('data', (part: Buffer) => (err += part.toString()));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, out, err }));
      child.stdin.end(input);
    });
  }
}

const seen = ({ headers = [], topic, partition, offset, key, payload }: Line): Seen => {
  const pairs = headers.flatMap((name, n) => (n % 2 === 0 ? [[name, headers[n + 1] ?? '']] : []));
  return { topic, partition, offset, key, payload, headers: Object.fromEntries(pairs) as Record<string, string> };
};
