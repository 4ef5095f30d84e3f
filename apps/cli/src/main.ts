#!/usr/bin/env node
import 'reflect-metadata';
import { run } from './program.js';

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  isTerminal: process.stderr.isTTY,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
