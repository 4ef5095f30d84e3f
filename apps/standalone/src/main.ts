import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { closeOnSignals } from '@kendt/nest';
import { banner } from './banner.js';
import { help } from './help.js';
import { startStandalone } from './standalone.js';

// On a machine with much memory V8 lets garbage grow to several times what lives before it collects. Read by V8 at each collection.
setFlagsFromString('--heap-growing-percent=100');
process.umask(0o077); // whatever is written, SQLite's own journals too, is its owner's alone

if (process.argv.includes('--help')) {
  process.stdout.write(help());
} else {
  try {
    const running = await startStandalone(process.env);
    closeOnSignals(running);
    process.stdout.write(banner(running));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
