import { progressText } from '@kendt/eventsourcing';

const everyMs = 200;
const everyMsInLog = 10_000;

export interface ProgressLine {
  readonly show: (what: string, done?: number, of?: number) => void;
  readonly clear: () => void;
}

/** One moving line on a terminal, a line every ten seconds in a log; on stderr. */
export const progressLine = (name: string): ProgressLine => {
  const { isTTY } = process.stderr;
  let [shownAt, startedAt, shownWhat] = [0, performance.now(), ''];
  return {
    show: (what, done, of) => {
      const now = performance.now();
      if (what !== shownWhat) startedAt = now;
      if (what === shownWhat && now - shownAt < (isTTY ? everyMs : everyMsInLog)) return;
      [shownAt, shownWhat] = [now, what];
      const text = `${name}: ${what}${done === undefined ? '' : `, ${progressText(done, of, now - startedAt)}`}`;
      process.stderr.write(isTTY ? `\r\x1b[K${text}` : `${text}\n`);
    },
    clear: () => void (isTTY && process.stderr.write('\r\x1b[K')),
  };
};
