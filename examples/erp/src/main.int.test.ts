import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TopicLog } from '@kendt/connector';
import { toMessage, topicContracts, topics } from '@kendt/contracts';

const root = join(import.meta.dirname, '..', '..', '..');
const at = '2026-03-01T09:30:00.000Z';
const year = new Date().getUTCFullYear();
let folder: string;
let log: TopicLog;
let started: Erp[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kendt-erp-'));
  log = TopicLog.open(join(folder, 'topics.db'));
  log.ensure(topicContracts({ brands: ['fjord'], systems: ['erp'] }));
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((erp) => erp.stop('SIGKILL')));
  log.close();
  rmSync(folder, { recursive: true });
});

/** The ERP as a process of its own, as a developer starts it. */
class Erp {
  out = '';
  err = '';
  private readonly child: ChildProcess;

  constructor(args: readonly string[]) {
    const run = ['--conditions=@kendt/source', '--import', join(root, 'tools', 'swc-hook.mjs'), join(import.meta.dirname, 'main.ts')];
    const topicsUrl = `sqlite:${join(folder, 'topics.db')}`;
    this.child = spawn(process.execPath, [...run, '--topics', topicsUrl, '--dir', join(folder, 'erp'), '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (part: Buffer) => (this.out += part.toString()));
    this.child.stderr?.on('data', (part: Buffer) => (this.err += part.toString()));
    started.push(this);
  }

  async line(kind: string): Promise<Record<string, unknown>> {
    for (let n = 0; n < 1000; n++, await sleep(10)) {
      const lines = this.out.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
      const found = lines.find((line) => line['kind'] === kind);
      if (found) return found;
      if (this.child.exitCode !== null) break;
    }
    throw new Error(`The ERP did not say ${kind}: ${this.err}`);
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}

const published = (topic: string): unknown[] =>
  log.poll({ topics: [topic], group: 'test' }).map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as unknown);

describe('the ERP as a process', () => {
  it('books invoices, tells Kendt, and keeps them when the customer is erased', async () => {
    const erp = new Erp(['--port', '0', '--invoice', 'ida']);
    const { url } = await erp.line('ready');
    const answer = await fetch(`${String(url)}invoices`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customerId: 'ida', total: 49_900 }) });
    expect([answer.status, await answer.json()]).toMatchObject([201, { number: `INV-${year}-0002`, total: 49_900, until: `${year + 5}-12-31` }]);
    expect(published(topics.purchases('erp'))).toMatchObject([{ purchaseId: `INV-${year}-0001`, total: 129_900 }, { purchaseId: `INV-${year}-0002` }]);
    expect(published(topics.holdings('erp'))).toMatchObject([{ record: `INV-${year}-0001`, until: `${year + 5}-12-31` }, { record: `INV-${year}-0002` }]);

    const task = { taskId: 't', caseId: 'c', customerId: 'ida', systemId: 'erp', kind: 'erase', issuedAt: at, dueAt: at };
    log.publish([toMessage({ topic: topics.erasureTasks, type: 'kendt.erasure.task-issued.v1', key: 'ida', source: 'urn:kendt:test', id: 't1', time: at, data: task })]);
    expect(await erp.line('erasure-answered')).toMatchObject({ outcome: 'retained', records: [`INV-${year}-0001`, `INV-${year}-0002`] });
    expect(await erp.stop('SIGTERM')).toBe(0);
    expect(published(topics.erasureReceipts('erp'))).toMatchObject([
      { outcome: 'retained', retained: [{ law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until: `${year + 5}-12-31` }, {}] },
    ]);
  }, 20_000);
});
