import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KafkaCluster, startKafka } from '@kendt/testing/kafka';
import { Kcat } from './kcat.js';

/** A broker on which nobody may do anything that is not written down, but for its administrator; and a password for each. */
export class GuardedKafka {
  private constructor(
    readonly cluster: KafkaCluster,
    private readonly folder: string,
    private readonly passwords: Readonly<Record<string, string>>,
  ) {}

  static async start(folder: string, names: readonly string[]): Promise<GuardedKafka> {
    const passwords = Object.fromEntries(['admin', ...names].map((name) => [name, `${name}-secret`]));
    for (const [name, password] of Object.entries(passwords)) writeFileSync(join(folder, name), password, { mode: 0o600 });
    return new GuardedKafka(await startKafka({ users: passwords, superUsers: ['admin'] }), folder, passwords);
  }

  /** As in `TOPICS_URL`. */
  addressOf(name: string): string {
    return `kafka://${this.broker}?sasl=scram-sha-512&username=${name}&password=file:${join(this.folder, name)}`;
  }

  kcat(name: string): Promise<Kcat> {
    return Kcat.make(this.broker, name, this.passwords[name]!);
  }

  private get broker(): string {
    return this.cluster.addresses.sasl[0]!;
  }
}
