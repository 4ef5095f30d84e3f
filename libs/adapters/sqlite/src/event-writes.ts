import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Position, RevisionConflict, type StreamText } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { addAppend, type Field, type Outcome, samePosition, streamAt } from './event-chunk.js';
import { toPosition } from './event-rows.js';
import { eventSql } from './event-schema.js';
import { busy, inOurWords } from './store-problems.js';

export interface EventWritesOptions {
  /** How many appends may wait. */
  readonly capacity?: number;
  /** How many bytes of events may wait; one append may be larger when it is alone. */
  readonly capacityBytes?: number;
}

interface Waiting {
  readonly texts: readonly StreamText[];
  readonly bytes: number;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: unknown) => void;
}

const pragmas = `PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
  PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768`;

/**
 * So many appends go to the writer at once, while the next ones are still being made ready. Not fewer: two small commits
 * wait for the disk twice, and that takes longer than to make one larger group ready first.
 */
const appendsInChunk = 128;
const [sent, checkpointsWanted, closingSlot] = [0, 1, 3];

/**
 * Group commit in a thread of its own: what waits when the thread has time is written in one transaction, and answered
 * after the commit. One append that fails, fails alone.
 */
export class EventWrites {
  private readonly signal = new Int32Array(new SharedArrayBuffer(16));
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private chunk: Field[] = [];
  private inChunk = 0;
  private scheduled = false;
  private writer: Worker | undefined;
  private checkpointer: Worker | undefined;

  constructor(
    private readonly file: string,
    /** Told after each commit. */
    private readonly written: () => void,
    private readonly options: EventWritesOptions = {},
  ) {}

  /**
   * @throws Refusal `STORE_BUSY` when too much is waiting already, or another process does not let go of the file;
   *   `STORE_FULL` when there is no room; `APPEND_UNCERTAIN` when the thread has died.
   */
  append(texts: readonly StreamText[]): Promise<Position> {
    return new Promise((resolve, reject) => {
      const bytes = bytesOf(texts);
      if (this.isFull(bytes)) return reject(busy());
      this.waiting.push({ texts, bytes, resolve, reject });
      this.waitingBytes += bytes;
      addAppend(this.chunk, texts);
      if (++this.inChunk === appendsInChunk) this.send();
      else this.schedule();
    });
  }

  /** Writes what waits, then lets go of the file. */
  async close(): Promise<void> {
    this.send();
    const { writer, checkpointer, signal } = this;
    for (const worker of [writer, checkpointer]) worker?.ref(); // or nothing would wait for their end
    writer?.postMessage('close');
    Atomics.store(signal, closingSlot, 1);
    for (const slot of [sent, checkpointsWanted]) {
      Atomics.add(signal, slot, 1);
      Atomics.notify(signal, slot);
    }
    for (const worker of [writer, checkpointer]) if (worker) await ended(worker);
  }

  private isFull(bytes: number): boolean {
    const { capacity = 5000, capacityBytes = 64 * 1024 * 1024 } = this.options;
    return this.waiting.length >= capacity || (this.waiting.length > 0 && this.waitingBytes + bytes > capacityBytes);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.send();
    });
  }

  private send(): void {
    if (this.inChunk === 0) return;
    this.writer ??= this.startWriter();
    this.writer.ref(); // an append that waits keeps the process alive, an idle thread does not
    this.writer.postMessage(this.chunk);
    [this.chunk, this.inChunk] = [[], 0];
    Atomics.add(this.signal, sent, 1);
    Atomics.notify(this.signal, sent);
  }

  private startWriter(): Worker {
    const writer = this.start('event-writer', { file: this.file, pragmas, sql: eventSql, signal: this.signal });
    writer.on('message', (message: 'checkpointer' | readonly Outcome[]) => {
      if (message === 'checkpointer') this.startCheckpointer();
      else this.settle(message);
    });
    let cause: unknown;
    writer.once('error', (error: unknown) => void (cause = error));
    writer.once('exit', () => this.writerEnded(cause));
    return writer;
  }

  private startCheckpointer(): void {
    if (this.checkpointer) return;
    this.checkpointer = this.start('event-checkpointer', { file: this.file, signal: this.signal });
    this.checkpointer.on('error', () => undefined); // the writer does its work then
    this.checkpointer.unref();
  }

  /** Without the flags of this process: a thread needs no hook that compiles sources. */
  private start(name: string, workerData: object): Worker {
    return new Worker(join(import.meta.dirname, `${name}.mjs`), { name, workerData, execArgv: [], env: {} });
  }

  private settle(outcomes: readonly Outcome[]): void {
    const answered = this.waiting.splice(0, outcomes.length);
    answered.forEach((one, n) => {
      this.waitingBytes -= one.bytes;
      this.answer(one, outcomes[n]!);
    });
    if (this.waiting.length === 0) this.writer?.unref();
    this.written();
  }

  private answer({ texts, resolve, reject }: Waiting, outcome: Outcome): void {
    if (typeof outcome === 'number') return resolve(toPosition(outcome));
    try {
      resolve(this.decide(texts, outcome));
    } catch (error) {
      reject(error);
    }
  }

  private decide(texts: readonly StreamText[], outcome: Exclude<Outcome, number>): Position {
    if ('failed' in outcome) throw inOurWords(Object.assign(new Error(outcome.failed.message), { code: outcome.failed.code }), this.file);
    if ('known' in outcome) return samePosition(texts, outcome.known);
    const { stream, expected } = texts[streamAt(texts, outcome.conflict)]!;
    throw new RevisionConflict(stream, expected, outcome.actual);
  }

  /** By itself, or because it failed: then nobody knows what of it was written, and the next append starts another. */
  private writerEnded(cause: unknown): void {
    this.writer = undefined;
    const lost = this.waiting.splice(0, this.waiting.length - this.inChunk);
    for (const { bytes, reject } of lost) {
      this.waitingBytes -= bytes;
      reject(uncertain(cause));
    }
  }
}

const uncertain = (cause: unknown): Refusal =>
  new Refusal('APPEND_UNCERTAIN', 'Whether this was written is not known; the same again, with the same key, will tell', 'busy', { cause });

const bytesOf = (texts: readonly StreamText[]): number => {
  let bytes = 0;
  for (const { events } of texts) for (const { data, personal, metadata } of events) bytes += data.length + metadata.length + (personal?.length ?? 0);
  return bytes;
};

const ended = async (worker: Worker): Promise<void> => {
  if (worker.threadId !== -1) await once(worker, 'exit');
};
