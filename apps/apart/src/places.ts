import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka } from '@kendt/testing/kafka';

export interface Places {
  readonly EVENT_STORE_URL: string;
  readonly VIEWS_URL: string;
  readonly TOPICS_URL: string;
  readonly KEYS_URL: string;
}

export interface Engines {
  readonly places: Places;
  /** What was started here, by name. */
  readonly started: readonly { readonly name: string; readonly where: string }[];
  stop(): Promise<void>;
}

/**
 * Where everything lies: at the addresses of the environment, and for what has none in SQLite files that the processes share, and a broker
 * of Kafka that is started here. What is started here begins with nothing.
 */
export const startEngines = async (folder: string, env: Readonly<Record<string, string | undefined>>, { kafka }: { readonly kafka: boolean }): Promise<Engines> => {
  rmSync(folder, { recursive: true, force: true });
  const broker = kafka && !env['TOPICS_URL'] ? await startKafka() : undefined;
  const file = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;
  return {
    places: {
      EVENT_STORE_URL: env['EVENT_STORE_URL'] || file('events'),
      VIEWS_URL: env['VIEWS_URL'] || file('views'),
      TOPICS_URL: env['TOPICS_URL'] || (broker?.url ?? file('topics')),
      KEYS_URL: env['KEYS_URL'] || file('keys'),
    },
    started: broker ? [{ name: 'kafka', where: broker.url }] : [],
    stop: async () => broker?.stop(),
  };
};
