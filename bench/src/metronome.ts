import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const [stopped, unheard] = [0, 1];

/**
 * Calls `tick` every so many milliseconds, from the moment it runs, until `tick` says that it was the last one. From a
 * thread that sleeps: a timer of this process comes in whole milliseconds, and is late by one on average.
 */
export const everyMs = (ms: number, tick: () => 'more' | 'last'): Promise<void> =>
  new Promise((resolve, reject) => {
    const signal = new Int32Array(new SharedArrayBuffer(8));
    const metronome = new Worker(join(import.meta.dirname, 'metronome.main.js'), { workerData: { signal, everyMs: ms } });
    metronome.on('message', () => {
      Atomics.store(signal, unheard, 0);
      if (Atomics.load(signal, stopped) === 1 || tick() === 'more') return;
      Atomics.store(signal, stopped, 1);
      Atomics.notify(signal, stopped);
    });
    metronome.once('error', reject).once('exit', () => resolve());
  });
