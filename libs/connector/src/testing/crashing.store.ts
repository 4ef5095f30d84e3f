import type { ConnectorStore } from '../store.port.js';

export interface CrashingStore extends ConnectorStore {
  /** The next note that a message was handled is never written: the process ends there. */
  crashAtNextMark(): { readonly happened: boolean };
  /** Lets what hangs in the crashed process end, with an error. */
  letGo(): void;
}

/** A memory that lasts, of a process that may end at any moment. */
export const crashingStore = (values: Map<string, string>): CrashingStore => {
  const crash = { happened: false };
  let awaited = false;
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  const alive = async (): Promise<void> => (crash.happened ? gone.promise : undefined);
  return {
    get: async (key) => (await alive(), values.get(key)),
    put: async (key, value) => {
      if (awaited && key.startsWith('handled/')) crash.happened = true;
      await alive();
      values.set(key, value);
    },
    remove: async (key) => (await alive(), void values.delete(key)),
    list: async (prefix) => (await alive(), [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))),
    close: async () => undefined,
    crashAtNextMark: () => {
      awaited = true;
      return crash;
    },
    letGo: () => gone.reject(new Error('The process has ended')),
  };
};
