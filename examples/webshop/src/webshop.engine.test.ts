import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KafkaLog } from '@kendt/connector/kafka';
import { topicContracts, toMessage, topics } from '@kendt/contracts';
import type { Running } from '@kendt/example-console';
import { describeWithBrokers, eventually } from '@kendt/testing';
import { sharedKafka } from '@kendt/testing/kafka';
import { startWebshop } from './webshop.js';

const at = '2026-03-01T09:30:00.000Z';
// Names that nobody else has: the broker is shared.
const [system, brand] = [`shop-${randomUUID().slice(0, 8)}`, `shop-${randomUUID().slice(0, 8)}`];

/* It writes tasks, which a cluster that somebody has named may have in earnest. */
describeWithBrokers('the web shop on Kafka', () => {
  const { url } = sharedKafka();
  const log = KafkaLog.open({ url });
  const lines: Record<string, unknown>[] = [];
  let folder: string;
  let running: Running | undefined;

  const said = (kind: string): Record<string, unknown> | undefined => lines.find((line) => line['kind'] === kind);
  const send = (topic: string, type: string, data: object): Promise<void> =>
    log.publish([toMessage({ topic, type, key: 'ida', source: 'urn:kendt:test', id: randomUUID(), time: at, data })]);
  const valuesOf = async (topic: string): Promise<unknown[]> =>
    (await Array.fromAsync(log.read(topic))).map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as unknown);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-webshop-'));
    // One by one: what all tests on this broker share may have been made by another, in its own way.
    for (const topic of topicContracts({ brands: [brand], systems: [system] })) await log.ensure([topic]).catch(() => undefined);
    const options = { topics: url, dir: folder, system, brand, port: 0, json: true };
    running = await startWebshop(options, (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  });
  const stop = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  afterAll(async () => {
    await stop();
    await log.close();
    rmSync(folder, { recursive: true });
  });

  it('hears of a customer, sells, tells Kendt, and erases', async () => {
    await eventually(() => said('ready') !== undefined, 'the shop is ready');
    await send(topics.profiles(brand), 'kendt.profile.changed.v1', { customerId: 'ida', brandId: brand, kind: 'full', email: 'ida@example.org', emailVerified: true, language: 'da', consents: [] });
    await eventually(() => said('customer-stored') !== undefined, 'the shop knows the customer');
    const form = new URLSearchParams({ formId: 'form-1', customerId: 'ida', sku: 'CUP-6', quantity: '1' });
    expect((await fetch(`${String(said('ready')?.['url'])}orders`, { method: 'POST', redirect: 'manual', body: form })).status).toBe(303);
    expect(await valuesOf(topics.purchases(system))).toMatchObject([{ customerId: 'ida', purchaseId: 'W-10001', total: 29_900 }]);

    await send(topics.erasureTasks, 'kendt.erasure.task-issued.v1', { taskId: 't', caseId: 'c', customerId: 'ida', systemId: system, kind: 'erase', issuedAt: at, dueAt: at });
    await eventually(async () => (await valuesOf(topics.erasureReceipts(system))).length > 0, 'the shop has answered');
    expect(await valuesOf(topics.erasureReceipts(system))).toMatchObject([{ customerId: 'ida', outcome: 'erased' }]);
  });

  it('tells in which groups it reads, and Kendt can see from that what it has still to do', async () => {
    const [status] = (await valuesOf(topics.connectors(system))) as { follows: { what: string; group: string }[] }[];
    expect(status).toMatchObject({ systemId: system, brandIds: [brand], parked: [] });
    const group = status?.follows.find(({ what }) => what === 'customers')?.group ?? '';
    await eventually(async () => (await log.lag(group, [topics.profiles(brand)]))[0]?.messages === 0, 'nothing is left to do');
    await stop();
    await send(topics.profiles(brand), 'kendt.profile.changed.v1', {});
    expect(await log.lag(group, [topics.profiles(brand)])).toEqual([{ topic: topics.profiles(brand), messages: 1 }]);
  });
});
