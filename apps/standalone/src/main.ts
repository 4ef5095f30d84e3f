import 'reflect-metadata';
import { closeOnSignals, refuseToStart, settleProcess } from '@kendt/nest';
import { banner } from './banner.js';
import { help } from './help.js';
import { startStandalone } from './standalone.js';

settleProcess();

if (process.argv.includes('--help')) {
  process.stdout.write(help());
} else {
  try {
    const running = await startStandalone(process.env);
    closeOnSignals(running);
    process.stdout.write(banner(running));
  } catch (error) {
    refuseToStart(error);
  }
}
