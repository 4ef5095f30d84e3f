import { closeSync, existsSync, fdatasync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

type Line = readonly [key: string, value: string | null];

const newline = 10;
const sync = promisify(fdatasync);

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

const written = (lines: readonly Line[]): Buffer => Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

/** A file with a line for every change. Lines that are added while others are on their way to the disk go there together. */
export class Journal {
  /** What is on disk. */
  readonly values = new Map<string, string>();
  private file: number;
  private lines = 0;
  /** How much of the file is whole: a process that was killed, or a full disk, may have left half a line. */
  private bytes = 0;
  private isTorn = false;
  private waiting: Line[] = [];
  private next = Promise.withResolvers<void>();
  private writing: Promise<void> | undefined;

  /** @param staleLines Lines that are no longer true are taken out once there are so many of them. */
  constructor(
    private readonly path: string,
    private readonly staleLines: number,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    this.read();
    this.file = openSync(path, 'a', 0o600);
    ftruncateSync(this.file, this.bytes);
  }

  /** Resolves once the line is on disk. When it cannot be written, it is as if it had not been added. */
  add(line: Line): Promise<void> {
    this.waiting.push(line);
    const { promise } = this.next;
    this.writing ??= this.write();
    return promise;
  }

  /** Whether a line of this key is there, or may soon be. */
  mayHave(key: string): boolean {
    return this.writing !== undefined || this.values.has(key);
  }

  async close(): Promise<void> {
    await this.writing;
    closeSync(this.file);
  }

  private async write(): Promise<void> {
    await Promise.resolve(); // several may add in one turn
    while (this.waiting.length > 0) {
      const [lines, { resolve, reject }] = [this.waiting, this.next];
      [this.waiting, this.next] = [[], Promise.withResolvers()];
      await this.append(lines).then(resolve, reject);
    }
    this.writing = undefined; // in the same turn in which nothing waits
  }

  private async append(lines: readonly Line[]): Promise<void> {
    const text = written(lines);
    if (this.isTorn) ftruncateSync(this.file, this.bytes);
    this.isTorn = true;
    writeAll(this.file, text);
    await sync(this.file);
    this.isTorn = false;
    this.bytes += text.length;
    for (const line of lines) this.keep(line);
    if (this.lines - this.values.size > this.staleLines) this.replace();
  }

  /** Puts a whole new file in the place of the old one: a crash leaves either, never half. */
  private replace(): void {
    const [fresh, text] = [`${this.path}.new`, written([...this.values])];
    const [old, file] = [this.file, openSync(fresh, 'a', 0o600)];
    ftruncateSync(file, 0);
    writeAll(file, text);
    fsyncSync(file);
    renameSync(fresh, this.path);
    [this.file, this.bytes, this.lines] = [file, text.length, this.values.size];
    closeSync(old);
    const folder = openSync(dirname(this.path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }

  private keep([key, value]: Line): void {
    this.lines++;
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
  }

  private read(): void {
    const bytes = existsSync(this.path) ? readFileSync(this.path) : Buffer.alloc(0);
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, this.bytes)) {
      const line = parsed(bytes.toString('utf8', this.bytes, end));
      if (!line) return;
      this.keep(line);
      this.bytes = end + 1;
    }
  }
}

const writeAll = (file: number, text: Buffer): void => {
  for (let done = 0; done < text.length; ) done += writeSync(file, text, done);
};
