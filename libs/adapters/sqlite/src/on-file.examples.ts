import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Open } from '@kendt/testing';

export interface TemporaryFolder {
  readonly folder: string;
  remove(): void;
}

export const temporaryFolder = (): TemporaryFolder => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-sqlite-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** Opens a port on a file of its own, again and beside itself, for the contract suites. */
export const onFile =
  <Port extends { close(): Promise<void> }>(name: string, open: (file: string) => Promise<Port>): Open<Port> =>
  async () => {
    const { folder, remove } = temporaryFolder();
    const file = join(folder, 'kept', name);
    const opened = [await open(file)];
    const closeAll = async (): Promise<void> => {
      for (const port of opened.splice(0)) await port.close();
    };
    const openOne = async (): Promise<Port> => {
      const port = await open(file);
      opened.push(port);
      return port;
    };
    return {
      port: opened[0]!,
      another: openOne,
      reopen: async () => {
        await closeAll();
        return openOne();
      },
      close: async () => {
        await closeAll();
        remove();
      },
    };
  };

/** Every file of a folder. Read by another process: closing a file here would drop SQLite's locks on it (POSIX). */
export const bytesOf = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, execFileSync('cat', [join(folder, name)], { maxBuffer: 256 * 1024 * 1024 })]));

/** How a text may stand in a file: plain, in UTF-16LE, in base64 at each of its three phases. */
export const formsOf = (text: string): Buffer[] => {
  const plain = Buffer.from(text);
  const base64 = [0, 1, 2].map((phase) => Buffer.from(Buffer.concat([Buffer.alloc(phase), plain]).toString('base64').slice(4, -4)));
  return [plain, Buffer.from(text, 'utf16le'), ...base64];
};

/** The files in which a text stands. */
export const traces = (folder: string, text: string): string[] => {
  const needles = formsOf(text);
  return Object.entries(bytesOf(folder)).flatMap(([name, bytes]) => (needles.some((needle) => bytes.includes(needle)) ? [name] : []));
};
