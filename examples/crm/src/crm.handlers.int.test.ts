import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomerProfile } from '@kendt/contracts';
import { consentHandler, type CrmNews, customerHandler, erasureHandler } from './crm.handlers.js';
import { CustomerTable } from './customer.table.js';

let folder: string;
let customers: CustomerTable;
let printed: CrmNews[];
let reported: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kendt-crm-'));
  customers = CustomerTable.open(join(folder, 'crm.db'));
  [printed, reported] = [[], []];
});
afterEach(() => {
  customers.close();
  rmSync(folder, { recursive: true });
});

const at = '2026-03-01T09:30:00.000Z';
const context = () => ({
  customers,
  print: (news: CrmNews) => void printed.push(news),
  now: () => '2026-03-01T09:30:00.250Z',
  reports: {
    reportHolding: async ({ customerId, record }: { customerId: string; record: string }) => void reported.push(`${customerId} ${record}`),
    endHolding: async ({ customerId, record }: { customerId: string; record: string }) => void reported.push(`${customerId} ${record} ended`),
  },
});
const profileOf = (customerId: string, brandId: string, email = `${customerId}@example.org`): CustomerProfile => ({
  customerId,
  brandId,
  kind: 'full',
  email,
  emailVerified: true,
  name: { given: 'Ida', family: 'Holm' },
  phone: '+4520123456',
  language: 'da',
  consents: [],
});
const store = async (customerId = 'ida', brandId = 'fjord', email?: string) =>
  customerHandler(context())({ kind: 'changed', customerId, brandId, profile: profileOf(customerId, brandId, email) }, { id: 'e1', time: at });
const consent = (state: 'granted' | 'withdrawn', customerId = 'ida', brandId = 'fjord') =>
  consentHandler(context())({ customerId, brandId, purposeId: 'newsletter', state, at }, { id: 'e2' });
const erase = async (customerId = 'ida') => erasureHandler(context())({ customerId, taskId: 't', issuedAt: at }, { id: 'e3' });
const onDisk = (): string => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')).join('');

describe('the CRM', () => {
  it('stores a customer once per brand, with what is known last', async () => {
    await store();
    await store('ida', 'lund');
    await store('ida', 'fjord', 'new@example.org');
    expect(customers.list()).toMatchObject([
      { customerId: 'ida', brandId: 'fjord', email: 'new@example.org', name: 'Ida Holm' },
      { brandId: 'lund', email: 'ida@example.org' },
    ]);
    expect(reported).toEqual(['ida contact-1', 'ida contact-2', 'ida contact-1']);
  });

  it('notes a withdrawal with the time of it and the time of knowing', async () => {
    await store();
    consent('granted');
    consent('withdrawn');
    expect(customers.list()[0]?.consents).toBe('newsletter withdrawn');
    expect(printed.at(-1)).toEqual({ kind: 'consent-withdrawn', customerId: 'ida', brandId: 'fjord', purposeId: 'newsletter', eventId: 'e2', happenedAt: at });
  });

  it('lets go of a customer who has left one brand, and only of that', async () => {
    await store();
    await store('ida', 'lund');
    await customerHandler(context())({ kind: 'gone', customerId: 'ida', brandId: 'fjord' }, { id: 'e4' });
    expect(customers.list()).toMatchObject([{ brandId: 'lund' }]);
    expect(reported.at(-1)).toBe('ida contact-1 ended');
  });

  it('erases a customer so that no file has them any more', async () => {
    await store();
    await store('bo');
    consent('granted');
    expect(onDisk()).toContain('ida@example.org');
    expect(await erase()).toEqual({ outcome: 'erased' });
    expect(customers.list()).toMatchObject([{ customerId: 'bo' }]);
    expect(onDisk()).not.toContain('ida@example.org');
    expect(reported.at(-1)).toBe('ida contact-1 ended');
  });

  it('erases among many, where SQLite has moved rows about', async () => {
    const email = (n: number, length: number) => `-mark${n}-${'x'.repeat(length)}@example.org`;
    for (let n = 0; n < 300; n++) customers.save(profileOf(`c${n}`, 'fjord', email(n, 5)));
    for (let n = 0; n < 300; n++) customers.save(profileOf(`c${n}`, 'fjord', email(n, (n * 37) % 900)));
    for (let n = 0; n < 300; n += 7) await erase(`c${n}`);
    const left = onDisk();
    expect(Array.from({ length: 43 }, (_, n) => n * 7).filter((n) => left.includes(`-mark${n}-`))).toEqual([]);
    expect(left).toContain('-mark1-');
  });

  it('scrubs at start what the process before it had no time for', async () => {
    await store();
    const copy = join(folder, 'copy');
    for (const part of ['', '-wal']) copyFileSync(join(folder, `crm.db${part}`), `${copy}${part}`); // as a killed process leaves it
    const wal = () => readFileSync(`${copy}-wal`, 'latin1');
    expect(wal()).toContain('ida@example.org');
    const reopened = CustomerTable.open(copy);
    expect(wal()).toBe('');
    reopened.close();
  });

  it('says that it holds nothing of a stranger', async () => {
    expect(await erase('nobody')).toEqual({ outcome: 'unknown' });
    expect(await erase('nobody')).toEqual({ outcome: 'unknown' });
  });

  it('gives the same answer twice, and also when the profile was gone first', async () => {
    await store();
    expect([await erase(), await erase()]).toEqual([{ outcome: 'erased' }, { outcome: 'erased' }]);
    await store('bo');
    await customerHandler(context())({ kind: 'gone', customerId: 'bo', brandId: 'fjord' }, { id: 'e5' });
    expect(await erase('bo')).toEqual({ outcome: 'erased' });
  });

  it('prints ids and never personal data', async () => {
    await store();
    consent('granted');
    await erase();
    expect(JSON.stringify(printed)).not.toMatch(/@|Holm|\+45/);
  });
});
