import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { system, systemStream } from '@kendt/domain';
import { decision, handle, randomId } from '@kendt/eventsourcing';
import { Consumers, Directory, EVENT_STORE } from '@kendt/nest';
import { startTestService, type TestService } from '@kendt/nest/testing';
import { run } from './index.js';

const at = '2026-03-01T12:00:00.000Z';

describe('kendt topics', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ modules: [] });
  });
  afterAll(() => service.close());

  const kendt = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const env = { KENDT_OPERATORS_URL: service.operatorsUrl, KENDT_OPERATORS_KEY: service.secrets.operatorsKey };
    const code = await run(['topics', ...args], { env, out: (text) => void (out += text), err: (text) => void (err += text) });
    return { code, out, err };
  };
  const giveUp = (key: string, offset: string, code = 'HANDLING_FAILED'): Promise<void> =>
    service.app.get(Consumers).letters.add('g', { topic: 'in', key, value: Buffer.from('a secret purchase'), headers: {}, partition: 0, offset, timestamp: at }, { code, error: 'TypeError' });

  it('redrive shows dead letters without their content, and sends nothing unless told', async () => {
    expect(await kendt('redrive')).toEqual({ code: 0, out: 'There are no dead letters.\n', err: '' });
    await giveUp('ida', '7');
    await giveUp('bo', '8', 'MESSAGE_INVALID');
    for (let n = 0; n < 2; n++) {
      const { code, out } = await kendt('redrive');
      expect([code, out.split('\n').slice(0, 3)]).toEqual([1, [
        expect.stringMatching(/^TOPIC +GROUP +AT +KEY +REASON +AGE +CONTENT$/), expect.stringMatching(/^in +g +0-7 +ida +HANDLING_FAILED \(TypeError\) +0 min +kept$/),
        expect.stringMatching(/^in +g +0-8 +bo +MESSAGE_INVALID \(TypeError\) +0 min +kept$/),
      ]]);
      expect(out).not.toContain('secret');
    }
    const { letters, count } = JSON.parse((await kendt('redrive', '--key', 'bo', '--json')).out) as { letters: object[]; count: number };
    expect([letters, count]).toEqual([[expect.objectContaining({ topic: 'in', group: 'g', partition: 0, offset: '8', code: 'MESSAGE_INVALID' })], 1]);
  });

  it('redrive --yes sends what was chosen, once', async () => {
    expect(await kendt('redrive', '--topic', 'in', '--group', 'g', '--at', '0-7', '--yes')).toEqual({ code: 0, out: '1 were sent again.\n', err: '' });
    expect(await kendt('redrive', '--key', 'ida')).toMatchObject({ code: 0, out: 'There are no dead letters.\n' });
    expect(JSON.parse((await kendt('redrive', '--yes', '--json')).out)).toEqual({ resent: 1, left: 0 });
    expect(JSON.parse((await kendt('redrive', '--yes', '--json')).out)).toEqual({ resent: 0, left: 0 });
  });

  it('acls writes down what the registered systems may do, as a shell takes it', async () => {
    const data = { name: 'CRM', brands: ['fjord'] };
    await handle(service.app.get(EVENT_STORE), [decision(system, systemStream('crm'), { type: 'RegisterSystem', at, data })], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
    while (!service.app.get(Directory).system('crm')) await new Promise((resolve) => setTimeout(resolve, 5));
    const lines = (await kendt('acls', '--bootstrap-server', 'broker:9092', '--principal', 'User:CN={system},O=Fjord Møbler')).out.split('\n');
    expect(lines).toContain("kafka-acls.sh --bootstrap-server broker:9092 --add --allow-principal 'User:CN=crm,O=Fjord Møbler' --operation Write --operation Describe --topic kendt.purchases.crm.v1 --resource-pattern-type literal");
    expect(lines).toContain('kafka-acls.sh --bootstrap-server broker:9092 --add --allow-principal User:kendt --operation Read --operation Write --operation Create --operation Describe --operation DescribeConfigs --topic kendt. --resource-pattern-type prefixed');
    expect(JSON.parse((await kendt('acls', '--json')).out)).toContainEqual({ principal: 'User:crm', resource: 'group', name: 'crm.', pattern: 'prefixed', operations: ['Read', 'Describe'] });
    expect(await kendt('acls', '--principal', 'User:everybody')).toMatchObject({ code: 1, err: expect.stringContaining('{system}') as unknown });
  });

  it('acls knows the rules of configuration files before anything runs', async () => {
    const { code, out } = await kendt('acls', '--config', join(import.meta.dirname, '../../../config/demo'), '--json', '--url', 'http://127.0.0.1:1');
    expect([code, JSON.parse(out)]).toEqual([0, expect.arrayContaining([{ principal: 'User:kendt', resource: 'group', name: 'profile-purchases', pattern: 'literal', operations: ['Read', 'Describe'] }, { principal: 'User:erp', resource: 'topic', name: 'kendt.profiles.lund.v1', pattern: 'literal', operations: ['Read', 'Describe'] }])]);
    expect((await kendt('acls', '--config', '/nowhere')).err).toMatch(/brands\.yaml is missing/);
  });

  it('acls changes a cluster only when it is told to and knows which', async () => {
    expect((await kendt('acls', '--apply')).err).toMatch(/^--apply needs --cluster/);
    expect((await kendt('acls', '--cluster', 'kafka://127.0.0.1:1', '--remove-extra')).err).toBe('--remove-extra needs --apply.\n');
    expect((await kendt('acls', '--cluster', 'kafka://me:hunter2@127.0.0.1:1')).err).toMatch(/^--cluster must not name a user(?!.*hunter2)/);
    expect((await kendt('acls', '--cluster', 'kafka://127.0.0.1:1?sasl=scram-sha-512&username=admin&password=env:KENDT_TEST_NOTHING')).err).toBe('The variable KENDT_TEST_NOTHING is missing.\n');
    expect((await kendt('acls', '--cluster', 'kafka://127.0.0.1:1')).err).toBe('Kafka does not answer at this moment; try again\n');
  });
});
