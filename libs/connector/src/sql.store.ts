import type { ConnectorStore } from './store.port.js';

type Maybe<T> = T | Promise<T>;

/** The statements on a table of two text columns, `key` (primary) and `value`. */
export interface SqlStatements {
  /** `SELECT value FROM kendt WHERE key = ?` */
  get(key: string): Maybe<string | null | undefined>;
  /** `INSERT OR REPLACE INTO kendt VALUES (?, ?)` */
  put(key: string, value: string): Maybe<unknown>;
  /** `DELETE FROM kendt WHERE key = ?` */
  remove(key: string): Maybe<unknown>;
  /** `SELECT key, value FROM kendt WHERE substr(key, 1, length(?)) = ? ORDER BY key`, both times the prefix */
  list(prefix: string): Maybe<Iterable<readonly [key: string, value: string]>>;
}

/**
 * Keeps the connector's memory in a database that you have anyway.
 *
 * ```ts
 * const store = sqlStore({
 *   get: (key) => db.prepare('SELECT value FROM kendt WHERE key = ?').get(key)?.value,
 *   put: (key, value) => db.prepare('INSERT OR REPLACE INTO kendt VALUES (?, ?)').run(key, value),
 *   remove: (key) => db.prepare('DELETE FROM kendt WHERE key = ?').run(key),
 *   list: (prefix) => db.prepare('SELECT key, value FROM kendt WHERE substr(key, 1, length(?)) = ? ORDER BY key').all(prefix, prefix).map(({ key, value }) => [key, value]),
 * });
 * ```
 */
export const sqlStore = (statements: SqlStatements): ConnectorStore => ({
  get: async (key) => (await statements.get(key)) ?? undefined,
  put: async (key, value) => void (await statements.put(key, value)),
  remove: async (key) => void (await statements.remove(key)),
  list: async (prefix) => Array.from(await statements.list(prefix), ([key, value]) => [key, value]),
  close: async () => undefined,
});
