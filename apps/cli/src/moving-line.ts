import type { Terminal } from './failure.js';

export interface MovingLine {
  show(text: string): void;
  clear(): void;
}

const logEveryMs = 10_000;

/** How far something is: one moving line on a terminal, a line every ten seconds in a log. */
export const movingLine = (terminal: Terminal): MovingLine => {
  let shownAt = -Infinity;
  return {
    show: (text) => {
      if (!terminal.isTerminal && performance.now() - shownAt < logEveryMs) return;
      shownAt = performance.now();
      terminal.err(terminal.isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    clear: () => {
      if (terminal.isTerminal) terminal.err('\r\u001b[K');
    },
  };
};
