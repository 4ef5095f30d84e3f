import { randomBytes } from 'node:crypto';
import { WalCleaner } from '@kendt/connector/embedded';
import { type Compared, type DataKey, type KeyRing, type KeyWrapper, KnownWrappers, localKeyWrapper, placeOf, type Tombstone } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import type Database from 'better-sqlite3';
import { destroyKey, needed, openKeyFile, prepare, type Row, type Statements } from './key-ring.file.js';
import { NewKeys } from './key-ring.new-keys.js';
import { KeyRotation } from './key-ring.rotation.js';
import { LogSync } from './log-sync.js';
import { WriteQueue } from './write-queue.js';

export interface OpenKeyRing {
  readonly file: string;
  /** 32 bytes, kept in a file elsewhere. */
  readonly keyEncryptionKey: Uint8Array;
  /** All of them, read again: asked when a key lies under one that is not known yet, because a rotation is going on. */
  readonly readKeyEncryptionKeys?: () => Promise<readonly Uint8Array[]>;
}

/** The key ring in a file of its own: apart from the events, so that a backup of one is not a backup of both. */
export class SqliteKeyRing implements KeyRing {
  /** Under another key-encryption key. */
  readonly rotation: KeyRotation;
  private readonly queue: WriteQueue;
  private readonly cleaner: WalCleaner;
  private readonly newKeys: NewKeys;
  private destructions = 0;
  private version: number | undefined;

  private constructor(
    private readonly db: Database.Database,
    private readonly statements: Statements,
    private readonly wrappers: KnownWrappers,
    private readonly log: LogSync,
  ) {
    this.queue = new WriteQueue(db);
    this.cleaner = new WalCleaner(db);
    this.newKeys = new NewKeys(statements, this.queue, log);
    this.rotation = new KeyRotation(statements, wrappers, this.queue, this.cleaner);
  }

  /** @throws Error with one sentence for the operator: file not ours, damaged, newer, not writable, or another key-encryption key. */
  static async open({ file, keyEncryptionKey, readKeyEncryptionKeys = async () => [] }: OpenKeyRing): Promise<SqliteKeyRing> {
    const first = localKeyWrapper(keyEncryptionKey);
    const db = openKeyFile(file);
    try {
      const statements = prepare(db);
      statements.first.run(first.id);
      const wrappers = new KnownWrappers(async (number) => statements.idOf.get(number)?.id, [first], async () => (await readKeyEncryptionKeys()).map(localKeyWrapper));
      await mustFit(statements, wrappers, first, file);
      return new SqliteKeyRing(db, statements, wrappers, await LogSync.open(file));
    } catch (error) {
      db.close();
      throw error;
    }
  }

  async obtain(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    for (;;) {
      const row = this.statements.find.get(customerId, group);
      if (row?.number && !this.newKeys.areOnDisk(row.number)) {
        await this.newKeys.toDisk();
        continue; // it may have been destroyed meanwhile
      }
      if (row) return this.unwrap(row, placeOf(customerId, group));
      const key = new Uint8Array(randomBytes(32));
      const { number } = this.statements.current.get()!;
      const wrapped = await (await this.wrappers.get(number)).wrap(key, placeOf(customerId, group));
      if (await this.newKeys.add({ customerId, group, wrapped, under: number })) return key;
    }
  }

  async find(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const row = this.statements.find.get(customerId, group);
    return row && this.unwrap(row, placeOf(customerId, group));
  }

  /** Resolves once the key lies in no file any more. */
  async destroy(customerId: string, group: DataGroup): Promise<void> {
    await this.queue.run(() => {
      destroyKey(this.statements, customerId, group, new Date().toISOString());
      this.destructions++;
    });
    await this.cleaner.now();
  }

  async isDestroyed(customerId: string, group: DataGroup): Promise<boolean> {
    return this.statements.find.get(customerId, group)?.number === null;
  }

  async *tombstones(): AsyncIterable<Tombstone> {
    let [customer, group] = ['', ''];
    for (;;) {
      const page = this.statements.tombstones.all(customer, group);
      for (const row of page) yield { customerId: row.customer, group: row.data_group as DataGroup, destroyedAt: row.destroyed_at };
      const last = page.at(-1);
      if (!last) return;
      [customer, group] = [last.customer, last.data_group];
    }
  }

  async compared(): Promise<Compared | undefined> {
    return this.statements.compared.get();
  }

  async noteCompared({ stream, id, position }: Compared): Promise<void> {
    await this.queue.run(() => this.statements.noteCompared.run(stream, id, position));
  }

  /** Commits of other processes, whatever they changed, and destructions of this one. */
  changed(): number {
    return (this.version ??= this.lookAtVersion()) + this.destructions;
  }

  async close(): Promise<void> {
    if (!this.db.open) return;
    const added = this.newKeys.flush();
    this.queue.flush();
    await added;
    await this.log.close();
    if (!this.db.open) return; // closed twice
    this.cleaner.stop();
    this.db.close();
  }

  /** Holds for what is being done now: nobody in this process can know what others have done before it comes to another task. */
  private lookAtVersion(): number {
    queueMicrotask(() => (this.version = undefined));
    return this.statements.version.get()!;
  }

  private async unwrap({ wrapped, under }: Row, place: string): Promise<DataKey | undefined> {
    return wrapped ? (await this.wrappers.get(under)).unwrap(wrapped, place) : undefined;
  }
}

/** Without it a wrong key would show only when the first customer is read. */
const mustFit = async (statements: Statements, wrappers: KnownWrappers, first: KeyWrapper, file: string): Promise<void> => {
  for (const number of needed(statements)) {
    if (await wrappers.find(number)) continue;
    const id = statements.idOf.get(number)?.id;
    if (id === undefined) throw new Error(`${file} names a key-encryption key that it does not know. It was altered; restore it from a backup.`);
    throw new Error(`${file} was made with another key-encryption key (${id}, not ${first.id}). Put that key back; without it no customer can be read.`);
  }
};
