import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claim, claimStream, customer, customerStream, erasure, erasureStream } from '@kendt/domain';
import { decision, type EventStore, handle, randomId, sealing, type TopicMessage, type Topics } from '@kendt/eventsourcing';
import { SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';
import { run } from './index.js';

export const keyEncryptionKey = Buffer.alloc(32, 3);
const at = '2026-03-01T09:00:00.000Z';
const by = (id: string) => ({ commandId: id, actor: { kind: 'client' as const, id: 'fjord-web' } });

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The databases of an installation that nobody runs on, and who is in them. */
export class DataFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'kendt-backup-'));
  readonly dataDir = join(this.folder, 'data');
  /** Beside `DATA_DIR`. */
  settings: Readonly<Record<string, string>> = {};

  constructor() {
    mkdirSync(join(this.dataDir, 'secrets'), { recursive: true, mode: 0o700 });
    writeFileSync(this.at('data/secrets/key-encryption-key'), keyEncryptionKey.toString('base64url'), { mode: 0o600 });
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async kendt(...args: readonly string[]): Promise<Ran> {
    let [out, err] = ['', ''];
    const code = await run(args, { env: { DATA_DIR: this.dataDir, ...this.settings }, out: (text) => void (out += text), err: (text) => void (err += text) });
    return { code, out, err };
  }

  async with<R>(work: (ports: { store: EventStore; keys: SqliteKeyRing; topics: Topics; views: SqliteViews }) => Promise<R>): Promise<R> {
    const keys = await SqliteKeyRing.open({ file: join(this.dataDir, 'keys.db'), keyEncryptionKey: new Uint8Array(keyEncryptionKey) });
    const store = sealing(await SqliteEventStore.open(join(this.dataDir, 'events.db')), keys);
    const topics = await SqliteTopics.open(join(this.dataDir, 'topics.db'));
    const views = await SqliteViews.open(join(this.dataDir, 'views.db'));
    try {
      await topics.ensure([{ name: 'profiles', cleanup: 'compact' }, { name: 'purchases', cleanup: 'delete' }]);
      return await work({ store, keys, topics, views });
    } finally {
      for (const each of [views, topics, store, keys]) await each.close();
    }
  }

  /** In the log, in a view, on two topics: on one of them under another key. */
  register(email: string): Promise<string> {
    const customerId = randomId();
    return this.with(async ({ store, topics, views }) => {
      await handle(store, [
        decision(customer, customerStream(customerId), { type: 'RegisterCustomer', at, data: { kind: 'full', brandId: 'fjord', language: 'da', contact: { email }, emailClaim: customerId } }),
        decision(claim, claimStream(customerId), { type: 'ClaimIdentifier', at, data: { customerId } }),
      ], by(customerId), at);
      await (await views.open({ name: 'customers@1' })).put(customerId, { customerId, contact: { email } });
      await topics.publish([
        { topic: 'profiles', key: customerId, value: Buffer.from(JSON.stringify({ email })), headers: {} },
        { topic: 'purchases', key: 'order-1', value: Buffer.from(JSON.stringify({ customerId, lines: ['sofa'] })), headers: {} },
      ]);
      return customerId;
    });
  }

  /** As the workflow of an erasure leaves it, but for what no test looks at. */
  erase(customerId: string): Promise<void> {
    const caseId = randomId();
    return this.with(async ({ store, keys }) => {
      await handle(store, [decision(erasure, erasureStream(caseId), { type: 'RequestErasure', at, data: { customerId, channel: 'web', dueAt: at } }, { type: 'ConfirmRequester', at, data: {} })], by(randomId()), at);
      await keys.destroy(customerId, 'contact');
      const decisions = [
        decision(erasure, erasureStream(caseId), { type: 'RecordKeysDestroyed', at, data: { groups: ['contact'] } }),
        decision(customer, customerStream(customerId), { type: 'FreezeCustomer', at, data: { caseId } }, { type: 'EraseCustomer', at, data: { caseId } }),
      ];
      await handle(store, decisions, by(randomId()), at);
    });
  }

  /** What somebody reads who has the files, opened as a connector would. */
  messages(): Promise<TopicMessage[]> {
    return this.with(async ({ topics }) => {
      const found: TopicMessage[] = [];
      const stop = new AbortController();
      const consuming = topics.consume({ topics: ['profiles', 'purchases'], group: randomId(), from: 'start', signal: stop.signal, handle: async (message) => void found.push(message) });
      await new Promise((resolve) => setTimeout(resolve, 200));
      stop.abort();
      await consuming;
      return found;
    });
  }
}
