import { runProgram } from '@kendt/example-console';
import { startWebshop } from './webshop.js';
import { readOptions, usage } from './webshop.options.js';

await runProgram({ usage, readOptions, start: startWebshop });
