/** Ends the program with one sentence for a person, and no stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** 0: as asked. 1: it could not be done, or what was checked is not right. 2: the command was not understood. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Where a command reads and writes; tests give their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody looks at what `err` writes: then a line may move. */
  readonly isTerminal?: boolean;
  out(text: string): void;
  err(text: string): void;
}
