import { runProgram } from '@kendt/example-console';
import { startErp } from './erp.js';
import { readOptions, usage } from './erp.options.js';

await runProgram({ usage, readOptions, start: startErp });
