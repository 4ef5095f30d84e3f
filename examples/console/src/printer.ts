import type { ConnectorProblem } from '@kendt/connector';

export type Print = (news: { kind: string } & object) => void;

/** One line for everything that happens, for people or for programs. Never personal data. */
export const printer =
  (json: boolean, write: (line: string) => void): Print =>
  ({ kind, ...rest }) => {
    const at = new Date().toISOString();
    if (json) return write(JSON.stringify({ at, kind, ...rest }));
    const words = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
    write([at, kind, ...words].join(' '));
  };

/** The error itself may quote somebody. */
export const problemNews = ({ error: _, ...problem }: ConnectorProblem): { kind: string } & object => ({ kind: 'problem', ...problem });
