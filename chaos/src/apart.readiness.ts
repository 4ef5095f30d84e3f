import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './apart.ground.js';

const readyWithinMs = 60_000;

export const allReady = async ({ apart: { instances } }: Ground): Promise<void> => {
  for (const until = Date.now() + readyWithinMs; ; await sleep(200)) {
    const states = await Promise.all(instances.map(async (instance) => ({ name: instance.name, state: await instance.state() })));
    const missing = states.filter(({ state }) => state !== 'ready');
    if (missing.length === 0) return;
    if (Date.now() > until) throw new Error(`Not ready after ${readyWithinMs / 1000} s: ${missing.map(({ name, state }) => `${name} (${state})`).join(', ')}`);
  }
};
