export interface Running {
  /** Ends when the program does; rejects when it cannot go on. */
  readonly done: Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Program<Options> {
  readonly usage: string;
  /** `help`: only the usage is asked for. @throws Error with one sentence. */
  readonly readOptions: (args: readonly string[]) => Options | 'help';
  readonly start: (options: Options, write: (line: string) => void) => Promise<Running>;
}

const fail = (error: unknown): never => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
};

/** Runs it until SIGTERM or SIGINT; says in one sentence why it cannot. */
export const runProgram = async <Options>({ usage, readOptions, start }: Program<Options>): Promise<void> => {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === 'help') return console.log(usage);
    const program = await start(options, console.log);
    const stop = (): void => {
      setTimeout(() => process.exit(1), 4000).unref(); // whatever hangs, the process does not
      void program.stop().catch(fail);
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    await program.done;
  } catch (error) {
    fail(error);
  }
};
