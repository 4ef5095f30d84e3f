// Child processes as if they were this one: their streams, their signals, their exit code.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs to the end and gives the exit code (128 + number after a signal, as shells do). */
export function run(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const release = passSignals(child);
    child.on('error', (cause) => fail(new Error(`${command} could not be started: ${cause.message}`, { cause })));
    child.on('exit', (code, signal) => {
      release();
      done(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Runs to the end in silence and gives what it said. A signal of ours ends it by `killSignal`, if one is given. */
export function collect(command, args, { killSignal, ...options } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    let interrupted = false;
    const release = onSignals((signal) => {
      interrupted = true;
      child.kill(killSignal ?? signal);
    });
    child.on('error', ({ message }) => chunks.push(Buffer.from(`${command} could not be started: ${message}\n`)));
    child.on('close', (code) => {
      release();
      done({ code, interrupted, output: Buffer.concat(chunks).toString() });
    });
  });
}

/**
 * Passes signals on to a child and waits for it to end. Ctrl-C in a terminal reaches the child without us: passed on
 * once more it would look like a second, impatient Ctrl-C.
 */
function passSignals(child) {
  return onSignals((signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}

/** Returns how to stop listening. */
function onSignals(listener) {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
