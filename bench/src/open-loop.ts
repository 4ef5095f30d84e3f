import { everyMs } from './metronome.js';

export interface OpenLoop {
  readonly count: number;
  readonly perSecond: number;
  /** Those that are due since the last tick are sent together. */
  readonly tickMs: number;
}

/** Calls `send` with 0, 1, 2 … and the moment when each is due (`performance.now()`), whether earlier ones are answered or not. */
export const openLoop = ({ count, perSecond, tickMs }: OpenLoop, send: (n: number, due: number) => void): Promise<void> => {
  let [begin, sent] = [0, 0];
  return everyMs(tickMs, () => {
    begin ||= performance.now();
    const until = Math.min(count, Math.floor(((performance.now() - begin) * perSecond) / 1000) + 1);
    while (sent < until) send(sent, begin + (sent++ * 1000) / perSecond);
    return sent < count ? 'more' : 'last';
  });
};
