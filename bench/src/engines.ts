import { join } from 'node:path';
import { type Apart, type ApartOptions, startApart } from '@kendt/apart';
import type { Run } from './bench.js';
import { benchConfig } from './standalone.js';

/** All services apart, on a Kafka and a MongoDB of their own for as long as something is measured; rate limits are out of the way. */
export const onEngines = async <T>(run: Run, { instances, env = {} }: Pick<ApartOptions, 'instances' | 'env'>, work: (apart: Apart) => Promise<T>): Promise<T> => {
  const folder = run.folder();
  const unlimited = '1000000000';
  const limits = { RATE_REGISTER_PER_MINUTE: unlimited, RATE_LOGIN_PER_MINUTE: unlimited, RATE_IDENTIFIER_PER_MINUTE: unlimited };
  const apart = await startApart({
    folder: join(folder, 'apart'),
    ...(instances && { instances }),
    engines: { kafka: true, mongo: true },
    env: { CONFIG_DIR: benchConfig(folder), ...limits, ...env },
    onStep: (what) => run.progress(`starting ${what}`),
  });
  try {
    return await work(apart);
  } finally {
    await apart.stop();
  }
};
