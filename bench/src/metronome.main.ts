import { parentPort, workerData } from 'node:worker_threads';

// Ticks in a thread of its own. A tick that the other side has not answered yet is not given again.
const [stopped, unheard] = [0, 1];
const { signal, everyMs } = workerData as { readonly signal: Int32Array; readonly everyMs: number };

for (let next = performance.now(); Atomics.load(signal, stopped) === 0; next += everyMs) {
  Atomics.wait(signal, stopped, 0, Math.max(next - performance.now(), 0));
  if (Atomics.compareExchange(signal, unheard, 0, 1) === 0) parentPort!.postMessage('tick');
}
