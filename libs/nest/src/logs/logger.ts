import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../config/config.js';

/** JSON lines to the terminal, or to a file. Nothing is taken from requests but what the callers of the logger name. */
export const createLogger = (service: string, { logLevel, logFile }: Pick<Config, 'logLevel' | 'logFile'>): Logger => {
  const options = { level: logLevel, base: { service }, timestamp: pino.stdTimeFunctions.isoTime };
  if (!logFile) return pino(options);
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  return pino(options, lines(logFile));
};

/** As many bytes wait for room on the disk; what comes then is lost. */
const mostWaiting = 1 << 20;

/**
 * A disk without room costs lines, not the process: nobody listening, an error ends it, and written asynchronously it would try for ever
 * at the end to write what waits.
 */
const lines = (logFile: string): DestinationStream => {
  const file = pino.destination({ dest: logFile, append: true, mode: 0o600, sync: true, maxLength: mostWaiting });
  file.on('error', () => undefined);
  return file;
};

/** Nest's own messages: only what is wrong is of interest. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: () => undefined,
  warn: (message: unknown, context?: unknown) => logger.warn({ context: textOf(context) }, textOf(message)),
  error: (message: unknown, ...more: unknown[]) => logger.error({ context: textOf(more.at(-1)) }, message instanceof Error ? message.name : textOf(message)),
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value);
