import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { KafkaLog, type KafkaRecord } from '@kendt/connector/kafka';
import { connectorMessages, erasureReceiptMessages, fromMessage, toMessage, topicContracts, topics } from '@kendt/contracts';
import { describeWithBrokers } from '@kendt/testing';
import { sharedKafka } from '@kendt/testing/kafka';

const root = join(import.meta.dirname, '..', '..', '..');
const example = join(root, 'examples', 'python');
const at = '2026-03-01T09:30:00.000Z';
const { url } = sharedKafka();
// Names that nobody else has: the broker is shared.
const [system, brand] = [`py-${randomUUID().slice(0, 8)}`, `py-${randomUUID().slice(0, 8)}`];

/* It writes tasks, which a cluster that somebody has named may have in earnest. */
describeWithBrokers('the example in Python', () => {
  const log = KafkaLog.open({ url, timing: { fetchWait: 100 } });
  const stop = new AbortController();
  const heard: KafkaRecord[] = [];
  let hearing: Promise<void>;
  const started: Follower[] = [];
  let folder: string;
  let python: string;

  /** As somebody starts it. */
  class Follower {
    out = '';
    err = '';
    private readonly child: ChildProcess;

    constructor() {
      const args = ['--brokers', url.replace('kafka://', ''), '--system', system, '--brand', brand, '--file', join(folder, 'customers.db')];
      this.child = spawn(python, [join(example, 'kendt_follower.py'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      this.child.stdout?.on('data', (part: Buffer) => (this.out += part.toString()));
      this.child.stderr?.on('data', (part: Buffer) => (this.err += part.toString()));
      started.push(this);
    }

    kinds(): string[] {
      return this.out.split('\n').slice(0, -1).map((line) => (JSON.parse(line) as { kind: string }).kind);
    }

    async says(kind: string): Promise<void> {
      await until(() => this.kinds().includes(kind) || this.child.exitCode !== null);
      if (!this.kinds().includes(kind)) throw new Error(`It did not say ${kind}: ${this.err}`);
    }

    async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
      this.child.kill(signal);
      if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
      return this.child.exitCode;
    }
  }

  const until = async (done: () => boolean): Promise<void> => {
    for (const end = Date.now() + 60_000; !done(); await sleep(20)) if (Date.now() > end) throw new Error(`In vain: ${String(done)}`);
  };
  const send = (topic: string, type: string, key: string, data: object | null): Promise<void> =>
    log.publish([toMessage({ topic, type, key, source: 'urn:kendt:test', id: randomUUID(), time: at, data })]);
  const profile = (customerId: string): Promise<void> =>
    send(topics.profiles(brand), 'kendt.profile.changed.v1', customerId, { customerId, brandId: brand, kind: 'full', email: `${customerId}@example.org`, emailVerified: true, language: 'da', consents: [] });
  const task = (customerId: string, systemId = system): Promise<void> =>
    send(topics.erasureTasks, 'kendt.erasure.task-issued.v1', customerId, { taskId: `${system}-${customerId}`, caseId: 'case-1', customerId, systemId, kind: 'erase', issuedAt: at, dueAt: at });
  const receipts = () => heard.filter(({ topic }) => topic === topics.erasureReceipts(system)).map((message) => fromMessage(message, erasureReceiptMessages));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-python-'));
    const making = promisify(execFile)(process.execPath, [join(root, 'tools', 'python.mjs'), join(example, 'requirements.txt')]);
    making.child.stderr?.pipe(process.stderr, { end: false });
    python = (await making).stdout.trim();
    // One by one: what all tests on this broker share may have been made by another, in its own way.
    for (const topic of topicContracts({ brands: [brand], systems: [system] })) await log.ensure([topic]).catch(() => undefined);
    const handle = async (message: KafkaRecord): Promise<void> => void heard.push(message);
    hearing = log.consume({ topics: [topics.erasureReceipts(system), topics.connectors(system)], group: `${system}.test`, handle, signal: stop.signal });
  }, 600_000);

  afterAll(async () => {
    await Promise.all(started.map((follower) => follower.stop('SIGKILL')));
    stop.abort();
    await hearing;
    await log.close();
    rmSync(folder, { recursive: true });
  });

  it('follows customers, erases them, and answers with a receipt that Kendt takes, once over a restart', async () => {
    await profile('ida');
    const first = new Follower();
    await first.says('customer-stored');
    expect(readFileSync(join(folder, 'customers.db'), 'latin1')).toContain('ida@example.org');
    expect(await first.stop()).toBe(0);

    await task('bo', 'another-system');
    await send(topics.profiles(brand), 'kendt.profile.changed.v2', 'bo', { anything: true });
    await task('ida');
    const second = new Follower();
    await until(() => receipts().length === 1);
    await profile('ida'); // one that was on its way
    await send(topics.profiles(brand), 'kendt.profile.changed.v1', 'bo', null);
    await second.says('customer-removed');
    await task('ida'); // it is late, and reminded
    await until(() => receipts().length === 2);
    const [answer, again] = receipts();
    expect(answer).toMatchObject({ source: `urn:kendt:system:${system}`, subject: 'ida', data: { taskId: `${system}-ida`, caseId: 'case-1', outcome: 'erased' } });
    expect(again?.id).toBe(answer?.id);
    expect(await second.stop()).toBe(0);
    expect(second.kinds()).not.toContain('customer-stored');
    expect(readFileSync(join(folder, 'customers.db'), 'latin1')).not.toContain('ida@example.org');
    expect(first.out + first.err + second.out + second.err).not.toContain('@example.org');
  });

  it('has told how it is doing', async () => {
    const told = () => heard.filter(({ topic }) => topic === topics.connectors(system)).map((message) => fromMessage(message, connectorMessages));
    await until(() => told().length > 0);
    expect(told()[0]?.data).toMatchObject({ systemId: system, brandIds: [brand], follows: [{ what: 'customers', group: `${system}.follower` }, { what: 'erasures' }] });
  });
});
