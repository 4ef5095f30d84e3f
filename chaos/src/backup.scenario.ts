import type { Scenario } from './scenario.js';
import { checkBackups } from './backup.checker.js';
import { takeBackups } from './backup.taker.js';
import { work } from './backup.work.js';

/** Set for the process that takes the backups: the same program, started by the one that works. */
const takerMark = 'KENDT_CHAOS_BACKUP';

export const scenario: Scenario = {
  name: 'backup',
  about: 'a backup that is there holds everything that was acknowledged before it began, is a prefix of the log, consistent, and opens',
  sabotages: {
    cp: 'copies each file as it lies there, without its write-ahead log',
    'events-first': 'copies the events first and the views last',
    'early-name': 'gives the backup its name before anything is in it',
  },
  work: (life) => (process.env[takerMark] ? takeBackups(life) : work(life, takerMark)),
  check: checkBackups,
};
