import type { DatabaseSync } from 'node:sqlite';
import type { CustomerProfile } from '@kendt/contracts';
import { openDatabase, scrub } from '@kendt/example-console';

const schema = `
  CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id TEXT NOT NULL, brand_id TEXT NOT NULL,
    name TEXT, email TEXT, phone TEXT, language TEXT NOT NULL,
    UNIQUE (customer_id, brand_id));
  CREATE TABLE IF NOT EXISTS consents (
    customer_id TEXT NOT NULL, brand_id TEXT NOT NULL, purpose_id TEXT NOT NULL,
    state TEXT NOT NULL, happened_at TEXT NOT NULL, seen_at TEXT NOT NULL,
    PRIMARY KEY (customer_id, brand_id, purpose_id));
  CREATE TABLE IF NOT EXISTS removed (customer_id TEXT PRIMARY KEY)`;

export interface StoredCustomer {
  readonly id: number;
  readonly customerId: string;
  readonly brandId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly language: string;
  /** `newsletter granted, personal-offers withdrawn` */
  readonly consents: string | null;
}

export interface StoredConsent {
  readonly customerId: string;
  readonly brandId: string;
  readonly purposeId: string;
  readonly state: string;
  readonly happenedAt: string;
  readonly seenAt: string;
}

/** What the CRM knows. */
export class CustomerTable {
  private constructor(private readonly db: DatabaseSync) {}

  static open(file: string): CustomerTable {
    return new CustomerTable(openDatabase(file, schema));
  }

  /** The number of the row. */
  save({ customerId, brandId, name, email, phone, language }: CustomerProfile): number {
    const row = this.db
      .prepare(
        `INSERT INTO customers (customer_id, brand_id, name, email, phone, language) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone, language = excluded.language
         RETURNING id`,
      )
      .get(customerId, brandId, name ? `${name.given} ${name.family}` : null, email ?? null, phone ?? null, language);
    return row?.['id'] as number;
  }

  saveConsent({ customerId, brandId, purposeId, state, happenedAt, seenAt }: StoredConsent): void {
    this.db
      .prepare('INSERT OR REPLACE INTO consents VALUES (?, ?, ?, ?, ?, ?)')
      .run(customerId, brandId, purposeId, state, happenedAt, seenAt);
  }

  list(): StoredCustomer[] {
    return this.db
      .prepare(
        `SELECT id, customer_id AS customerId, brand_id AS brandId, name, email, phone, language,
           (SELECT group_concat(purpose_id || ' ' || state, ', ') FROM consents
             WHERE consents.customer_id = customers.customer_id AND consents.brand_id = customers.brand_id) AS consents
         FROM customers ORDER BY id`,
      )
      .all() as unknown as StoredCustomer[];
  }

  /** The rows of one customer. */
  rowsOf(customerId: string, brandId?: string): number[] {
    return this.db
      .prepare('SELECT id FROM customers WHERE customer_id = ? AND (? IS NULL OR brand_id = ?)')
      .all(customerId, brandId ?? null, brandId ?? null)
      .map((row) => row['id'] as number);
  }

  /** Deletes one customer, of one brand or of all. True when there was something, now or the last time it was asked. */
  remove(customerId: string, brandId?: string): boolean {
    const where = 'customer_id = ? AND (? IS NULL OR brand_id = ?)';
    const values = [customerId, brandId ?? null, brandId ?? null];
    this.db.exec('BEGIN');
    const customers = this.db.prepare(`DELETE FROM customers WHERE ${where}`).run(...values);
    const consents = this.db.prepare(`DELETE FROM consents WHERE ${where}`).run(...values);
    const deleted = Number(customers.changes) + Number(consents.changes) > 0;
    // So that the same question gets the same answer after a crash: the id is nobody's any more.
    if (deleted) this.db.prepare('INSERT OR IGNORE INTO removed VALUES (?)').run(customerId);
    this.db.exec('COMMIT');
    if (deleted) scrub(this.db);
    return deleted || this.db.prepare('SELECT 1 FROM removed WHERE customer_id = ?').get(customerId) !== undefined;
  }

  close(): void {
    this.db.close();
  }
}
