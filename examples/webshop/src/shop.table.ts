import type { DatabaseSync } from 'node:sqlite';
import type { CustomerProfile } from '@kendt/contracts';
import { openDatabase, scrub } from '@kendt/example-console';

const schema = `
  CREATE TABLE IF NOT EXISTS customers (customer_id TEXT PRIMARY KEY, name TEXT, email TEXT);
  CREATE TABLE IF NOT EXISTS consents (customer_id TEXT NOT NULL, purpose_id TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (customer_id, purpose_id));
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, form_id TEXT NOT NULL UNIQUE, customer_id TEXT NOT NULL,
    sku TEXT NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL, ordered_at TEXT NOT NULL, reported INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer_id);
  CREATE TABLE IF NOT EXISTS removed (customer_id TEXT PRIMARY KEY)`;

export interface NewOrder {
  /** Of the form that was sent: sent twice, it is one order. */
  readonly formId: string;
  readonly customerId: string;
  readonly sku: string;
  readonly quantity: number;
  /** Of one, in minor units. */
  readonly price: number;
  readonly orderedAt: string;
}

export interface Order extends Omit<NewOrder, 'formId'> {
  readonly number: string;
}

const columns = "'W-' || (10000 + id) AS number, customer_id AS customerId, sku, quantity, price, ordered_at AS orderedAt";
const idOf = (number: string): number => Number(/^W-(\d{5,15})$/.exec(number)?.[1] ?? 0) - 10_000;

/** What the shop knows: customers of its brand, and what they have ordered. */
export class ShopTable {
  private constructor(private readonly db: DatabaseSync) {}

  static open(file: string): ShopTable {
    return new ShopTable(openDatabase(file, schema));
  }

  saveCustomer({ customerId, name, email }: CustomerProfile): void {
    this.db.prepare('INSERT OR REPLACE INTO customers VALUES (?, ?, ?)').run(customerId, name ? `${name.given} ${name.family}` : null, email ?? null);
  }

  saveConsent(customerId: string, purposeId: string, state: string): void {
    this.db.prepare('INSERT OR REPLACE INTO consents VALUES (?, ?, ?)').run(customerId, purposeId, state);
  }

  knows(customerId: string): boolean {
    return this.db.prepare('SELECT 1 FROM customers WHERE customer_id = ?').get(customerId) !== undefined;
  }

  /** How many customers there are, and how many of them have agreed to this purpose. */
  count(purposeId: string): { readonly customers: number; readonly agreed: number } {
    const agreed = "SELECT 1 FROM consents WHERE consents.customer_id = customers.customer_id AND purpose_id = ? AND state = 'granted'";
    return this.db.prepare(`SELECT count(*) AS customers, count(*) FILTER (WHERE EXISTS (${agreed})) AS agreed FROM customers`).get(purposeId) as { customers: number; agreed: number };
  }

  /** Undefined where the shop knows no such customer. */
  order({ formId, customerId, sku, quantity, price, orderedAt }: NewOrder): Order | undefined {
    this.db
      .prepare(
        `INSERT INTO orders (form_id, customer_id, sku, quantity, price, ordered_at)
         SELECT ?, customer_id, ?, ?, ?, ? FROM customers WHERE customer_id = ? ON CONFLICT DO NOTHING`,
      )
      .run(formId, sku, quantity, price, orderedAt, customerId);
    return this.db.prepare(`SELECT ${columns} FROM orders WHERE form_id = ? AND customer_id = ?`).get(formId, customerId) as Order | undefined;
  }

  find(number: string): Order | undefined {
    return this.db.prepare(`SELECT ${columns} FROM orders WHERE id = ?`).get(idOf(number)) as Order | undefined;
  }

  ordersOf(customerId: string): Order[] {
    return this.db.prepare(`SELECT ${columns} FROM orders WHERE customer_id = ? ORDER BY id`).all(customerId) as unknown as Order[];
  }

  /** Kendt has not been told of these yet. */
  unreported(): Order[] {
    return this.db.prepare(`SELECT ${columns} FROM orders WHERE reported = 0 ORDER BY id`).all() as unknown as Order[];
  }

  markReported(number: string): void {
    this.db.prepare('UPDATE orders SET reported = 1 WHERE id = ?').run(idOf(number));
  }

  /** Whatever there is of this customer; undefined when nothing. */
  of(customerId: string): object | undefined {
    const customer = this.db.prepare('SELECT name, email FROM customers WHERE customer_id = ?').get(customerId);
    const consents = this.db.prepare('SELECT purpose_id, state FROM consents WHERE customer_id = ? ORDER BY purpose_id').all(customerId);
    const orders = this.ordersOf(customerId);
    return customer || consents.length > 0 || orders.length > 0 ? { customer, consents, orders } : undefined;
  }

  /** Deletes everything of a customer. True when there was something, now or the last time it was asked. */
  remove(customerId: string): boolean {
    const held = this.of(customerId) !== undefined;
    if (held) {
      this.db.exec('BEGIN');
      for (const table of ['customers', 'consents', 'orders']) this.db.prepare(`DELETE FROM ${table} WHERE customer_id = ?`).run(customerId);
      // So that the same question gets the same answer after a crash: the id is nobody's any more.
      this.db.prepare('INSERT OR IGNORE INTO removed VALUES (?)').run(customerId);
      this.db.exec('COMMIT');
      scrub(this.db);
    }
    return held || this.db.prepare('SELECT 1 FROM removed WHERE customer_id = ?').get(customerId) !== undefined;
  }

  close(): void {
    this.db.close();
  }
}
