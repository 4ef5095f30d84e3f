import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TopicLog } from '@kendt/connector';
import { toMessage, topicContracts, topics } from '@kendt/contracts';

const root = join(import.meta.dirname, '..', '..', '..');
const at = '2026-03-01T09:30:00.000Z';
let folder: string;
let log: TopicLog;
let started: Crm[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kendt-crm-'));
  log = TopicLog.open(join(folder, 'topics.db'));
  log.ensure(topicContracts({ brands: ['fjord'], systems: ['crm'] }));
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((crm) => crm.stop('SIGKILL')));
  log.close();
  rmSync(folder, { recursive: true });
});

/** The CRM as a process of its own, as a developer starts it. */
class Crm {
  out = '';
  err = '';
  private readonly child: ChildProcess;

  constructor(args: readonly string[]) {
    const run = ['--conditions=@kendt/source', '--import', join(root, 'tools', 'swc-hook.mjs'), join(import.meta.dirname, 'main.ts')];
    this.child = spawn(process.execPath, [...run, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (part: Buffer) => (this.out += part.toString()));
    this.child.stderr?.on('data', (part: Buffer) => (this.err += part.toString()));
    started.push(this);
  }

  lines(): Record<string, string>[] {
    return this.out.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, string>);
  }

  async line(kind: string): Promise<Record<string, string>> {
    for (let n = 0; n < 1000; n++, await sleep(10)) {
      const found = this.lines().find((line) => line['kind'] === kind);
      if (found) return found;
      if (this.child.exitCode !== null) break;
    }
    throw new Error(`The CRM did not say ${kind}: ${this.err}`);
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }
}

const start = (...args: string[]): Crm => new Crm(['--topics', `sqlite:${join(folder, 'topics.db')}`, '--dir', join(folder, 'crm'), '--json', ...args]);
const send = (topic: string, type: string, id: string, data: object) => log.publish([toMessage({ topic, type, key: 'ida', source: 'urn:kendt:test', id, time: at, data })]);
const profile = { customerId: 'ida', brandId: 'fjord', kind: 'full', email: 'ida@example.org', emailVerified: true, name: { given: '<b>Ida', family: 'Holm' }, language: 'da', consents: [] };
const task = { taskId: 't', caseId: 'c', customerId: 'ida', systemId: 'crm', kind: 'erase', issuedAt: at, dueAt: at };
const onDisk = (): string => readdirSync(join(folder, 'crm')).map((file) => readFileSync(join(folder, 'crm', file), 'latin1')).join('');

describe('the CRM as a process', () => {
  it('follows a customer from the first profile to erasure, over a restart, and ends when told', async () => {
    send(topics.profiles('fjord'), 'kendt.profile.changed.v1', 'p1', profile);
    const first = start('--port', '0');
    const { url = '' } = await first.line('ready');
    const page = await (await fetch(url)).text();
    expect(page).toContain('<td>&lt;b&gt;Ida Holm</td>');
    send(topics.consents, 'kendt.consent.withdrawn.v1', 'c1', { customerId: 'ida', at, brandId: 'fjord', purposeId: 'newsletter' });
    expect(await first.line('consent-withdrawn')).toMatchObject({ customerId: 'ida', purposeId: 'newsletter', eventId: 'c1', happenedAt: at });
    const before = performance.now();
    expect(await first.stop('SIGTERM')).toBe(0);
    expect(performance.now() - before).toBeLessThan(5000);

    send(topics.erasureTasks, 'kendt.erasure.task-issued.v1', 't1', task);
    const second = start();
    expect(await second.line('erasure-answered')).toMatchObject({ customerId: 'ida', outcome: 'erased' });
    await second.line('ready');
    expect(second.lines().map(({ kind }) => kind)).toEqual(['erasure-answered', 'ready']);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(onDisk()).not.toContain('ida@example.org');
    expect(first.out + first.err + second.out + second.err).not.toMatch(/@example|Holm/);
  }, 20_000);

  it('says in one sentence why it cannot start', async () => {
    const crm = new Crm(['--topics', 'sqlite:none.db', '--dir', 'crm']);
    expect(await crm.ended()).toBe(1);
    expect(crm.err).toMatch(/^none\.db does not exist yet\. Start Kendt first.*\n$/);
    const kafka = new Crm(['--topics', 'kafka://localhost:9092?colour=red']);
    expect(await kafka.ended()).toBe(1);
    expect(kafka.err).toMatch(/^The address of the topics has an option that Kendt does not know.*\n$/);
  }, 20_000);

  it('helps', async () => {
    const crm = new Crm(['--help']);
    expect(await crm.ended()).toBe(0);
    expect(crm.out).toContain('--brands <a,b>');
  }, 20_000);
});
