import { progressText } from '@kendt/eventsourcing';
import type { Terminal } from './failure.js';

const everyMs = 200;
const everyMsInLog = 10_000;

/** One moving line on a terminal, a line every ten seconds in a log; nothing about what is quickly done. */
export const progressOn = (terminal: Terminal, isTTY: boolean = process.stderr.isTTY) => {
  let [what, begunAt, shownAt] = ['', 0, 0];
  return {
    show: (doing: string, done: number, of: number): void => {
      const now = performance.now();
      if (doing !== what) [what, begunAt, shownAt] = [doing, now, now];
      if (now - shownAt < (isTTY ? everyMs : everyMsInLog)) return;
      shownAt = now;
      const text = `${doing}: ${progressText(done, of, now - begunAt)}`;
      terminal.err(isTTY ? `\r\x1b[K${text}` : `${text}\n`);
    },
    clear: (): void => {
      if (isTTY && shownAt > begunAt) terminal.err('\r\x1b[K');
    },
  };
};
