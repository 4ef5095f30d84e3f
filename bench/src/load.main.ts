import { randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { percentile } from './bench.js';
import { guest, leadLife } from './life-cycle.js';
import type { LoadResult, LoadWanted } from './load.js';
import { ShopClient } from './shop-client.js';
import { shop } from './standalone.js';

type Took = (step: string, ms: number) => void;

const warmUpShare = 0.2;

/** With a password: Argon2id is what it costs. */
const registerFull = async (client: ShopClient, took: Took): Promise<void> => {
  const { kind: _, ...person } = guest(randomUUID()) as { kind: string };
  const body = { ...person, kind: 'full', password: 'correct horse battery' };
  const { status, text, ms } = await client.send({ method: 'POST', path: '/v1/customers', body });
  if (status !== 202) throw new Error(`A registration was answered with ${status}: ${text}`);
  took('register', ms);
};

const run = async ({ url, secret, what, concurrency, seconds, withKeys = false }: LoadWanted & { url: string; secret: string }): Promise<LoadResult> => {
  const client = new ShopClient(url, shop, secret, concurrency);
  const latencies: Record<string, number[]> = {};
  const began = performance.now();
  const counts = (): boolean => performance.now() - began >= seconds * warmUpShare * 1000;
  let done = 0;
  const took: Took = (step, ms) => void (counts() && (latencies[step] ??= []).push(ms));
  const worker = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1000) {
      await (what === 'life-cycles' ? leadLife(client, withKeys, took) : registerFull(client, took));
      if (counts()) done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  client.close();
  const summary = Object.entries(latencies).map(([step, all]) => [step, { count: all.length, p50: percentile(all, 0.5), p95: percentile(all, 0.95) }] as const);
  return { done, seconds: (performance.now() - began) / 1000 - seconds * warmUpShare, latencies: Object.fromEntries(summary) };
};

process.stdout.write(JSON.stringify(await run((await json(process.stdin)) as LoadWanted & { url: string; secret: string })));
