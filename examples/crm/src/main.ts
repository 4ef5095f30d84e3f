import { runProgram } from '@kendt/example-console';
import { startCrm } from './crm.js';
import { readOptions, usage } from './crm.options.js';

await runProgram({ usage, readOptions, start: startCrm });
