/**
 * What a connector remembers between two runs: which messages were handled, which wait. Ids only, never personal data. Small:
 * a few hundred bytes per message of the last month.
 */
export interface ConnectorStore {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Everything whose key starts so, in the order of the keys. */
  list(prefix: string): Promise<[key: string, value: string][]>;
  close(): Promise<void>;
}
