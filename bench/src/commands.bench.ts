import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMail } from '@kendt/nest';
import { type Bench, median, percentile, type Row, type Run } from './bench.js';
import { leadLife, steps } from './life-cycle.js';
import { load, type LoadResult } from './load.js';
import { longHistoryRows } from './long-history.js';
import { ShopClient } from './shop-client.js';
import { benchConfig, shop, type Standalone, startStandalone } from './standalone.js';

const concurrency = 32;

const published = {
  Keycloak: '1 vCPU for every 15 password logins/s, or every 120 client credential grants/s ("Concepts for sizing CPU and memory resources", keycloak.org)',
  ZITADEL: '16 life cycles/s, 43 % of the checks failed, v4.0.0-rc2 on up to 7 x 6 vCPU and a database of 8 vCPU ("manipulate user benchmark of zitadel v4", zitadel.com)',
};

/** Every answer of the same kind together, over the repetitions. */
const rowsOf = (results: readonly LoadResult[], label: string, goals: boolean): Row[] => {
  const rate: Row = { case: `life cycles${label}`, value: median(results.map(({ done, seconds }) => done / seconds)), unit: '/s', ...(goals && { goal: '>= 1,000' }) };
  const latencies = steps.flatMap((step): Row[] => [
    { case: `${step}${label}, p50`, value: median(results.map(({ latencies: all }) => all[step]!.p50)), unit: 'ms' },
    { case: `${step}${label}, p95`, value: median(results.map(({ latencies: all }) => all[step]!.p95)), unit: 'ms', ...(goals && { goal: '< 50' }) },
  ]);
  return [rate, ...latencies];
};

const measured = async (run: Run, work: (system: Standalone) => Promise<LoadResult>, what: string): Promise<LoadResult[]> => {
  const results: LoadResult[] = [];
  for (let n = 0; n < run.repetitions; n++) {
    run.progress(what, n, run.repetitions);
    const folder = run.folder();
    benchConfig(folder);
    const system = await startStandalone(folder);
    try {
      results.push(await work(system));
    } finally {
      await system.stop('SIGKILL'); // the mails that are still to be written are nobody's
    }
  }
  return results;
};

/** From the confirmation of an erasure until its certificate can be fetched, in a system that has nothing else to do. */
const certificateRows = async (run: Run): Promise<Row[]> => {
  const folder = run.folder();
  benchConfig(folder);
  const system = await startStandalone(folder);
  const client = new ShopClient(system.url, shop, system.secret, 4);
  const [confirmed, certified]: [number[], number[]] = [[], []];
  try {
    for (let n = 0; n < (run.quick ? 5 : 30); n++) {
      run.progress('from deletion to certificate', n, run.quick ? 5 : 30);
      const { customerId, caseId } = await leadLife(client, false, () => undefined);
      const asked = performance.now();
      const token = await tokenFromMail(system, customerId);
      const mailed = performance.now();
      await client.send({ method: 'POST', path: `/v1/erasure-cases/${caseId}/confirm`, body: { token } });
      while ((await client.send({ method: 'GET', path: `/v1/erasure-cases/${caseId}/certificate` })).status !== 200) await sleep(2);
      confirmed.push(mailed - asked);
      certified.push(performance.now() - mailed);
    }
  } finally {
    client.close();
    await system.stop();
  }
  return [
    { case: 'delete accepted, until its mail is written, p50', value: percentile(confirmed, 0.5), unit: 'ms' },
    { case: 'delete confirmed, until the certificate, p50', value: percentile(certified, 0.5), unit: 'ms' },
    { case: 'delete confirmed, until the certificate, p95', value: percentile(certified, 0.95), unit: 'ms' },
  ];
};

const tokenFromMail = async ({ dataDir }: Standalone, customerId: string): Promise<string> => {
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(2))
    for (const file of mailsOf(join(dataDir, 'mail'), customerId))
      for (const link of readMail(readFileSync(file)).links) {
        const url = new URL(link);
        if (url.pathname === '/erasure/confirm') return url.searchParams.get('token') ?? '';
      }
  throw new Error('No mail that asks to confirm the erasure');
};

const mailsOf = (folder: string, customerId: string): string[] => {
  try {
    return readdirSync(folder).flatMap((name) => (name.startsWith(customerId) && name.endsWith('.eml') ? [join(folder, name)] : []));
  } catch {
    return []; // no mail yet
  }
};

export const commands: Bench = {
  name: 'commands',
  about: 'A customer is created, changed, locked and deleted over HTTP, in the standalone process; the load runs on the same cores.',
  run: async (run) => {
    const seconds = run.quick ? 6 : 30;
    const plain = await measured(run, (system) => load(system, { what: 'life-cycles', concurrency, seconds }), 'life cycles');
    const keyed = await measured(run, (system) => load(system, { what: 'life-cycles', concurrency, seconds, withKeys: true }), 'life cycles, with Idempotency-Key');
    const full = await measured(run, (system) => load(system, { what: 'registrations', concurrency: 8, seconds: seconds / 2 }), 'registrations with a password');
    const registrations: Row[] = [
      { case: 'registrations with a password (Argon2id)', value: median(full.map(({ done, seconds: took }) => done / took)), unit: '/s' },
      { case: 'registration with a password, p95', value: median(full.map(({ latencies }) => latencies['register']!.p95)), unit: 'ms' },
    ];
    return {
      parameters: { repetitions: run.repetitions, concurrency, seconds, create: 'a guest with e-mail, name and phone; no password', delete: 'counted when the erasure case is accepted', ...published },
      rows: [...rowsOf(plain, '', true), ...rowsOf(keyed, ', with Idempotency-Key', false), ...registrations, ...(await certificateRows(run)), ...(await longHistoryRows(run))],
    };
  },
};
