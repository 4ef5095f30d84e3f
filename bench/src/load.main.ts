import { randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Of one customer's details, again and again: a command with one event, as cheap as they come. */
const changing = async (client: ShopClient): Promise<(took: Took) => Promise<void>> => {
  const { text } = await client.send({ method: 'POST', path: '/v1/customers', body: guest(randomUUID()) });
  const path = `/v1/customers/${(JSON.parse(text) as { customerId: string }).customerId}/contact`;
  let number = 20_000_000;
  return async (took) => {
    const answer = await client.send({ method: 'PATCH', path, body: { phone: `+45${number++}` } });
    if (answer.status !== 204) throw new Error(`A change was answered with ${answer.status}: ${answer.text}`);
    took('change', answer.ms);
  };
};

const work = async ({ what, withKeys = false }: LoadWanted, client: ShopClient): Promise<(took: Took) => Promise<unknown>> => {
  switch (what) {
    case 'life-cycles':
      return (took) => leadLife(client, withKeys, took);
    case 'registrations':
      return (took) => registerFull(client, took);
    case 'changes':
      return changing(client);
  }
};

const run = async (wanted: LoadWanted & { url: string; secret: string }): Promise<LoadResult> => {
  const { url, secret, concurrency, seconds, perSecond = Infinity, insist } = wanted;
  const client = new ShopClient(url, shop, secret, concurrency, insist);
  const works = await Promise.all(Array.from({ length: concurrency }, () => work(wanted, client)));
  const latencies: Record<string, number[]> = {};
  const began = performance.now();
  const counts = (): boolean => performance.now() - began >= seconds * warmUpShare * 1000;
  let [sent, done] = [0, 0];
  const took: Took = (step, ms) => void (counts() && (latencies[step] ??= []).push(ms));
  const worker = async (doWork: (typeof works)[number]): Promise<void> => {
    while (performance.now() - began < seconds * 1000) {
      const early = began + (sent++ * 1000) / perSecond - performance.now();
      if (early > 0) await sleep(early);
      await doWork(took);
      if (counts()) done += 1;
    }
  };
  await Promise.all(works.map(worker));
  client.close();
  const summary = Object.entries(latencies).map(([step, all]) => [step, { count: all.length, p50: percentile(all, 0.5), p95: percentile(all, 0.95) }] as const);
  return { done, seconds: (performance.now() - began) / 1000 - seconds * warmUpShare, warmUpShare, askedAgain: client.askedAgain, latencies: Object.fromEntries(summary) };
};

process.stdout.write(JSON.stringify(await run((await json(process.stdin)) as LoadWanted & { url: string; secret: string })));
