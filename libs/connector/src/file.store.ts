import { closeSync, existsSync, fdatasyncSync, ftruncateSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ConnectorStore } from './store.port.js';

type Line = readonly [key: string, value: string | null];

const isLine = (value: unknown): value is Line =>
  Array.isArray(value) && typeof value[0] === 'string' && (typeof value[1] === 'string' || value[1] === null);

const parsed = (text: string): Line | undefined => {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : undefined;
  } catch {
    return undefined;
  }
};

interface Contents {
  readonly values: Map<string, string>;
  readonly lines: number;
  /** How much of the file is whole: a process that was killed may have left half a line. */
  readonly bytes: number;
}

const contentsOf = (path: string): Contents => {
  const values = new Map<string, string>();
  let lines = 0;
  let bytes = 0;
  for (const text of existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []) {
    const line = parsed(text);
    if (!line) break;
    lines++;
    bytes += Buffer.byteLength(text) + 1;
    if (line[1] === null) values.delete(line[0]);
    else values.set(line[0], line[1]);
  }
  return { values, lines, bytes };
};

const written = (line: Line): string => `${JSON.stringify(line)}\n`;

/** Puts a whole new file in the place of the old one: a crash leaves either, never half. */
const replace = (path: string, values: ReadonlyMap<string, string>): void => {
  const fresh = `${path}.new`;
  writeFileSync(fresh, [...values].map(written).join(''), { mode: 0o600, flush: true });
  renameSync(fresh, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
};

const openAt = (path: string, bytes: number): number => {
  const file = openSync(path, 'a', 0o600);
  ftruncateSync(file, bytes);
  return file;
};

export interface FileStoreOptions {
  /** Lines that are no longer true are taken out once there are so many of them. */
  readonly staleLines?: number;
}

/** The connector's memory in a file of its own: every change is one more line, on disk before it counts. For one process. */
export const fileStore = (path: string, { staleLines = 10_000 }: FileStoreOptions = {}): ConnectorStore => {
  mkdirSync(dirname(path), { recursive: true });
  const { values, ...start } = contentsOf(path);
  let { lines } = start;
  let file = openAt(path, start.bytes);

  const compact = (): void => {
    closeSync(file);
    replace(path, values);
    file = openSync(path, 'a', 0o600);
    lines = values.size;
  };
  const append = (line: Line): void => {
    writeSync(file, written(line));
    fdatasyncSync(file);
    lines++;
    if (lines - values.size > staleLines) compact();
  };

  return {
    get: async (key) => values.get(key),
    put: async (key, value) => {
      values.set(key, value);
      append([key, value]);
    },
    remove: async (key) => {
      if (values.delete(key)) append([key, null]);
    },
    list: async (prefix) => [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
    close: async () => closeSync(file),
  };
};
