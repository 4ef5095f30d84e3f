import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder with Kafka's jars; fetched if they are not there, with a line of progress on stderr. */
export const kafkaJars = (): Promise<string> => (jars ??= fetchJars());

let jars: Promise<string> | undefined;

const fetchJars = async (): Promise<string> => {
  const fetching = run(process.execPath, [join(import.meta.dirname, '../../../../tools/kafka.mjs')]);
  fetching.child.stderr?.pipe(process.stderr, { end: false });
  const { stdout } = await fetching;
  return stdout.trim();
};

/** The words of a command that runs a class of Kafka's. */
export const javaCommand = (libraries: string, options: readonly string[], main: string, ...args: string[]): string[] => [
  'java', '-XX:+UseSerialGC', ...options, '-cp', join(libraries, '*'), main, ...args,
];

/** Runs one of Kafka's tools, or one of Java's own, to its end. @throws with what it said */
export const runTool = async ([program, ...args]: readonly string[]): Promise<void> => {
  try {
    await run(program!, args);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} failed: ${stdout}${stderr}`, { cause: error });
  }
};
