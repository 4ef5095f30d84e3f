import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface KeyRow {
  readonly customer: string;
  readonly data_group: string;
  /** `null`: there is none any more. */
  readonly wrapped: Uint8Array | null;
  readonly destroyed_at: string | null;
}

let connection: DatabaseSync | undefined;

/** Every key of the ring as it stands in the file, read past the adapter. */
export const keyRows = (folder: string, customer?: string): KeyRow[] => {
  connection ??= new DatabaseSync(join(folder, 'keys.db'));
  const rows = 'SELECT customer, data_group, wrapped, destroyed_at FROM keys LEFT JOIN wrapped_keys USING (number)';
  const found = customer === undefined ? connection.prepare(rows).all() : connection.prepare(`${rows} WHERE customer = ?`).all(customer);
  return found as unknown as KeyRow[];
};

/** By data group, hex. */
export const wrappedOf = (folder: string, customer: string): Record<string, string> =>
  Object.fromEntries(keyRows(folder, customer).flatMap(({ data_group, wrapped }) => (wrapped ? [[data_group, Buffer.from(wrapped).toString('hex')]] : [])));

/** Before the files are read as bytes: closing one would drop the locks of other connections (POSIX). */
export const closeKeyRows = (): void => {
  connection?.close();
  connection = undefined;
};
