import { Journal } from './journal.js';
import type { ConnectorStore } from './store.port.js';

export interface FileStoreOptions {
  /** Lines that are no longer true are taken out once there are so many of them. */
  readonly staleLines?: number;
}

/**
 * The connector's memory in a file of its own: every change is one more line, on disk before it counts. Changes that are
 * made at the same time wait for the disk together. For one process.
 */
export const fileStore = (path: string, { staleLines = 10_000 }: FileStoreOptions = {}): ConnectorStore => {
  const journal = new Journal(path, staleLines);
  return {
    get: async (key) => journal.values.get(key),
    put: (key, value) => journal.add([key, value]),
    remove: async (key) => {
      if (journal.mayHave(key)) await journal.add([key, null]);
    },
    list: async (prefix) => [...journal.values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
    close: () => journal.close(),
  };
};
