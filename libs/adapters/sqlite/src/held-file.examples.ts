import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Holder {
  letGo(): Promise<void>;
}

const program = `const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync(process.argv[1]);
db.exec('BEGIN IMMEDIATE');
process.stdout.write('held');
process.stdin.resume();
process.stdin.on('end', () => { db.exec('ROLLBACK'); db.close(); });`;

/** Another process that holds the lock of a file, as an operator with a shell of SQLite does. */
export const holding = async (file: string): Promise<Holder> => {
  const child = spawn(process.execPath, ['-e', program, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    letGo: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
};

/** So many times this process has come round to a timer. */
export const ticks = (count: number): Promise<void> =>
  new Promise((resolve) => {
    let seen = 0;
    const timer = setInterval(() => {
      if (++seen < count) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
