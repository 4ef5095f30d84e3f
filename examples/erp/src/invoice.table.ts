import type { DatabaseSync } from 'node:sqlite';
import type { PurchaseLine } from '@kendt/contracts';
import { openDatabase, scrub } from '@kendt/example-console';

const schema = `
  CREATE TABLE IF NOT EXISTS invoices (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL, brand_id TEXT NOT NULL,
    date TEXT NOT NULL, booked_at TEXT NOT NULL, currency TEXT NOT NULL, total INTEGER NOT NULL, lines TEXT NOT NULL, until TEXT NOT NULL,
    reported INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX IF NOT EXISTS invoices_customer ON invoices (customer_id);
  CREATE TABLE IF NOT EXISTS delivery_notes (id INTEGER PRIMARY KEY, customer_id TEXT NOT NULL, note TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS numbers (year TEXT PRIMARY KEY, last INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS removed (customer_id TEXT PRIMARY KEY)`;

export interface Invoice {
  readonly number: string;
  readonly customerId: string;
  readonly brandId: string;
  /** ISO 8601 date. */
  readonly date: string;
  readonly bookedAt: string;
  readonly currency: string;
  /** Minor units. */
  readonly total: number;
  readonly lines: readonly PurchaseLine[];
  /** The last day that it is kept. */
  readonly until: string;
}

const columns = 'number, customer_id AS customerId, brand_id AS brandId, date, booked_at AS bookedAt, currency, total, lines, until';

const asInvoice = (row: Record<string, unknown>): Invoice => ({ ...(row as unknown as Invoice), lines: JSON.parse(row['lines'] as string) as PurchaseLine[] });

/** The books: invoices, which the law keeps, and notes for the driver, which it does not. */
export class InvoiceTable {
  private constructor(private readonly db: DatabaseSync) {}

  static open(file: string): InvoiceTable {
    return new InvoiceTable(openDatabase(file, schema));
  }

  /** Gives it the next number of its year: numbers of invoices have no holes, and none is used twice. */
  book(invoice: Omit<Invoice, 'number'>, deliveryNote?: string): Invoice {
    const { customerId, brandId, date, bookedAt, currency, total, lines, until } = invoice;
    return this.atomically(() => {
      const year = date.slice(0, 4);
      const row = this.db.prepare('INSERT INTO numbers VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last').get(year);
      const number = `INV-${year}-${String(row?.['last']).padStart(4, '0')}`;
      this.db
        .prepare('INSERT INTO invoices (number, customer_id, brand_id, date, booked_at, currency, total, lines, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(number, customerId, brandId, date, bookedAt, currency, total, JSON.stringify(lines), until);
      if (deliveryNote !== undefined) this.db.prepare('INSERT INTO delivery_notes (customer_id, note) VALUES (?, ?)').run(customerId, deliveryNote);
      return { number, ...invoice };
    });
  }

  of(customerId: string): Invoice[] {
    return this.db.prepare(`SELECT ${columns} FROM invoices WHERE customer_id = ? ORDER BY number`).all(customerId).map(asInvoice);
  }

  /** Booked, but Kendt has not been told: the process stopped in between. */
  unreported(): Invoice[] {
    return this.db.prepare(`SELECT ${columns} FROM invoices WHERE reported = 0 ORDER BY number`).all().map(asInvoice);
  }

  markReported(number: string): void {
    this.db.prepare('UPDATE invoices SET reported = 1 WHERE number = ?').run(number);
  }

  /** True when this customer has been erased here before; no invoice is written to such an id. */
  wasRemoved(customerId: string): boolean {
    return this.db.prepare('SELECT 1 FROM removed WHERE customer_id = ?').get(customerId) !== undefined;
  }

  /**
   * Deletes these invoices and every note of the customer, who is done with from now on. True when there is something here, or
   * was before.
   */
  remove(customerId: string, numbers: readonly string[]): boolean {
    const deleted = this.atomically(() => {
      const notes = Number(this.db.prepare('DELETE FROM delivery_notes WHERE customer_id = ?').run(customerId).changes);
      const deletion = this.db.prepare('DELETE FROM invoices WHERE number = ? AND customer_id = ?');
      const invoices = numbers.reduce((sum, number) => sum + Number(deletion.run(number, customerId).changes), 0);
      const known = notes + invoices > 0 || this.of(customerId).length > 0;
      if (known) this.db.prepare('INSERT OR IGNORE INTO removed VALUES (?)').run(customerId);
      return notes + invoices;
    });
    if (deleted > 0) scrub(this.db);
    return this.wasRemoved(customerId);
  }

  close(): void {
    this.db.close();
  }

  private atomically<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      this.db.exec('ROLLBACK');
      throw error;
    }
  }
}
