import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KafkaAccess } from '@kendt/connector/kafka';
import { describeWithBrokers } from '@kendt/testing';
import { GuardedInstallation } from './guarded.installation.js';
import { journey } from './journey.js';
import type { Kcat, Seen } from './kcat.js';
import { type Answer, ask } from './rest.js';
import { scanFor } from './scan.js';
import { eventually } from './step.js';
import { workspaceFile } from './workspace.js';

describeWithBrokers('Kendt on a broker where nobody may do more than is written down', () => {
  let there: GuardedInstallation;
  let admin: Kcat;
  let loyalty: Kcat;

  beforeAll(async () => {
    there = await GuardedInstallation.start(['loyalty']);
    [admin, loyalty] = await Promise.all([there.kafka.kcat('admin'), there.kafka.kcat('loyalty')]);
  });
  afterAll(() => there?.stop());

  const guest = async (headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const token = await there.world.token('fjord-web', 'customers:register');
    return ask(there.world.place.url, 'POST', '/v1/customers', { token, body: { kind: 'guest', language: 'da', phone: '+4520123456' }, headers });
  };
  const operators = (path: string): Promise<Answer> => ask(there.operatorsUrl, 'GET', path);
  const toldOf = async (topic: string, customerId: unknown): Promise<Seen> => eventually('A message', async () => (await admin.read(topic)).find(({ key }) => key === customerId));

  it('goes the whole journey, with a CRM and an ERP that may do what is theirs', async () => {
    for (const step of journey) await step.play(there.world);
    expect((await operators('/health/ready')).body).toMatchObject({ status: 'ready' });
    expect((await operators('/metrics')).text).not.toMatch(/^kendt_consumer_running\{.*\} 0$/m);
  });

  it('is read by kcat: CloudEvents by customer and in order, and a tombstone for who was erased', async () => {
    const topics = ['kendt.customers.v1', 'kendt.consents.v1', 'kendt.profiles.fjord.v1'];
    const [customers = [], consents = [], fjord = []] = await Promise.all(topics.map((topic) => admin.read(topic)));
    const told = [...customers, ...consents];
    for (const { key, headers } of told)
      expect(headers).toMatchObject({ ce_specversion: '1.0', ce_id: expect.any(String), ce_source: expect.stringMatching(/^urn:kendt:/), ce_type: expect.stringMatching(/^kendt\.(customer|consent)\..+\.v1$/), ce_subject: key });
    expect(new Set(told.map(({ headers }) => headers['ce_id'])).size).toBe(told.length);
    for (const ofCustomer of Map.groupBy(told, ({ topic, key }) => `${topic} ${key}`).values()) {
      expect(new Set(ofCustomer.map(({ partition }) => partition)).size).toBe(1);
      const sequence = ofCustomer.map(({ headers }) => headers['ce_sequence']);
      expect(sequence).toEqual([...sequence].sort());
    }
    const ida = there.world.noted('ida');
    const types = customers.filter(({ key }) => key === ida).map(({ headers }) => headers['ce_type']);
    expect([types.at(0), types.at(-1)]).toEqual(['kendt.customer.registered.v1', 'kendt.customer.erased.v1']);
    const profiles = Map.groupBy(fjord, ({ key }) => key);
    expect(profiles.get(ida)?.at(-1)).toMatchObject({ payload: null, headers: { ce_subject: ida } });
    expect(profiles.get(ida)?.[0]?.payload).toContain(there.world.ida.email);
    expect([...profiles.values()].map((ofCustomer) => ofCustomer.at(-1)?.payload ?? '').join()).toContain(there.world.bo.email);
  });

  it('tells nobody’s name, address or number on any other topic', async () => {
    const isOfProfiles = (folder: string): boolean => folder.startsWith('kendt.profiles.');
    const { logDir } = there.kafka.cluster.nodes[0]!;
    const folders = readdirSync(logDir, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const isLog = (file: string): boolean => file.endsWith('.log'); // indexes hold numbers, and are much room for few of them
    const search = (choice: string[]) => scanFor(choice.map((name) => join(logDir, name)), [there.world.ida, there.world.bo].flatMap(({ email, family, phone }) => [email, family, phone]), isLog);
    expect((await search(folders.filter(isOfProfiles))).finds).not.toEqual([]);
    const elsewhere = await search(folders.filter((name) => !isOfProfiles(name)));
    expect(elsewhere.finds).toEqual([]);
    expect(elsewhere.bytes).toBeGreaterThan(10_000);
  });

  it('carries the trace of a request into the message', async () => {
    const traceId = randomUUID().replaceAll('-', '');
    const { body } = await guest({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
    const { headers } = await toldOf('kendt.customers.v1', body['customerId']);
    expect(headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
  });

  const purchase = (customerId: string) => {
    const [purchaseId, line] = [randomUUID(), { sku: 'LAMP-1', name: 'Lampe', quantity: 1, price: 39_900 }];
    const data = { customerId, brandId: 'fjord', purchaseId, orderNumber: 'L-1', purchasedAt: new Date().toISOString(), currency: 'DKK', total: 39_900, lines: [line], channel: 'web' };
    return { data, headers: { ce_specversion: '1.0', ce_id: purchaseId, ce_type: 'kendt.purchase.reported.v1', ce_source: 'urn:kendt:system:loyalty' } };
  };

  it('consumes a system that is registered while it runs within ten seconds', async () => {
    const declared = { name: 'Loyalty', brandIds: ['fjord'], holds: [{ what: 'contact', basis: 'consent', purposeId: 'newsletter' }] };
    const began = Date.now();
    const answer = await ask(there.world.place.url, 'PUT', '/v1/systems/loyalty', { token: await there.world.token('compliance', 'erasure:manage'), body: declared });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('loyalty')]);
    const { code, output } = await there.acls('--apply');
    expect([code, output]).toEqual([0, expect.stringMatching(/added +User:loyalty +Write, Describe +topic +kendt\.purchases\.loyalty\.v1/)]);
    const bo = String((await guest()).body['customerId']);
    const { data, headers } = purchase(bo);
    expect(await loyalty.write('kendt.purchases.loyalty.v1', bo, headers, data)).toMatchObject({ code: 0 });
    await eventually('The purchase', async () => ((await there.kendt('audit', 'replay', '--customer', bo, '--json')).stdout.includes('PurchaseRecorded') ? true : undefined));
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('makes topics for what waits and for what was given up, under its own rights', async () => {
    const nobody = randomUUID();
    const { data, headers } = purchase(nobody);
    expect(await loyalty.write('kendt.purchases.loyalty.v1', nobody, headers, data)).toMatchObject({ code: 0 });
    const letters = await eventually('A dead letter', async () => {
      const { stdout } = await there.kendt('topics', 'redrive', '--json');
      return stdout.includes(nobody) ? (JSON.parse(stdout) as { letters: object[] }).letters : undefined;
    });
    expect(letters).toEqual([expect.objectContaining({ topic: 'kendt.purchases.loyalty.v1', key: nobody, code: 'CUSTOMER_NOT_FOUND' })]);
    expect(await admin.topics()).toEqual(expect.arrayContaining(['kendt.purchases.loyalty.v1.profile-purchases.dlq', 'kendt.purchases.loyalty.v1.profile-purchases.retry']));
  });

  it('lets a system write and read what is its own, and nothing of others', async () => {
    const { data, headers } = purchase(randomUUID());
    for (const topic of ['kendt.purchases.erp.v1', 'kendt.profiles.fjord.v1', 'kendt.customers.v1', 'kendt.purchases.loyalty.v1.profile-purchases.retry'])
      expect(await loyalty.write(topic, 'k', headers, data)).toMatchObject({ code: 1, err: expect.stringMatching(/authorization failed/i) as unknown });
    expect((await loyalty.read('kendt.profiles.fjord.v1')).length).toBeGreaterThan(0);
    for (const topic of ['kendt.profiles.lund.v1', 'kendt.purchases.erp.v1', 'kendt.purchases.loyalty.v1.profile-purchases.dlq'])
      await expect(loyalty.read(topic)).rejects.toThrow(/authorization failed/i);
    expect(await loyalty.follow('loyalty.kcat', 'kendt.customers.v1')).toMatchObject({ code: 0, out: expect.stringContaining('customerId') as unknown });
    expect((await loyalty.follow('crm.customers', 'kendt.customers.v1')).err).toMatch(/authorization failed/i);
  });

  it('adds rules that are missing, tells of others, and removes them only when told to', async () => {
    const [before, now] = await Promise.all([there.kendt('topics', 'acls', '--config', workspaceFile('config/demo')), there.kendt('topics', 'acls')]);
    const lines = now.stdout.split('\n');
    expect(lines).toEqual(expect.arrayContaining(before.stdout.split('\n')));
    expect(lines.filter((line) => !before.stdout.includes(line)).every((line) => line.includes('loyalty'))).toBe(true);

    const access = KafkaAccess.open({ url: there.kafka.addressOf('admin') });
    const rule = { principal: 'User:shop', host: '*', permission: 'Allow', resource: 'topic', pattern: 'literal', operation: 'Read' } as const;
    const foreign = [{ ...rule, name: 'orders' }, { ...rule, name: '*', principal: 'User:monitor', operation: 'Describe' } as const];
    await access.add([{ ...rule, name: 'kendt.profiles.fjord.v1' }, ...foreign]);
    await access.remove((await access.rules()).filter(({ principal, name }) => principal === 'User:erp' && name === 'kendt.profiles.lund.v1'));
    expect(await there.acls()).toMatchObject({ code: 1, stdout: expect.stringMatching(/missing +User:erp +Read, Describe +topic +kendt\.profiles\.lund\.v1[^]*beyond +User:shop +Read[^]*\nRules: 2 missing, \d+ standing, 1 beyond\. 1 of others reach/) as unknown });
    expect(await there.acls('--apply')).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nRules: 2 added, \d+ standing, 1 beyond\./) as unknown });
    expect(await there.acls('--apply', '--remove-extra')).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nRules: 0 added, \d+ standing, 1 removed\./) as unknown });
    expect((await access.rules()).filter(({ principal }) => ['User:shop', 'User:monitor'].includes(principal))).toEqual(expect.arrayContaining(foreign));
    expect(await there.acls()).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nRules: 0 missing, \d+ standing, 0 beyond\. 1 of others reach Kendt’s topics too/) as unknown });
  });

  it('answers while the broker is away, says that it is degraded, and tells afterwards what happened meanwhile', async () => {
    const [node] = there.kafka.cluster.nodes;
    await node!.kill();
    const degraded = await eventually('Degraded', async () => {
      const ready = await operators('/health/ready');
      return ready.body['status'] === 'degraded' ? ready : undefined;
    });
    expect(degraded.status).toBe(200);
    expect((degraded.body['parts'] as object[])).toContainEqual(expect.objectContaining({ name: 'topics', ok: false, needed: false }));
    const { status, body } = await guest();
    expect(status).toBe(201);
    await eventually('Lag', async () => (/kendt_follower_lag_seconds\{[^}]*publish-customers[^}]*\} (?!0$)\S+/m.test((await operators('/metrics')).text) ? true : undefined));
    expect((await operators('/health/live')).body).toEqual({ status: 'live' });
    await node!.start();
    await eventually('Ready', async () => ((await operators('/health/ready')).body['status'] === 'ready' ? true : undefined));
    expect(await toldOf('kendt.customers.v1', body['customerId'])).toMatchObject({ headers: { ce_type: 'kendt.customer.registered.v1' } });
  });
});
