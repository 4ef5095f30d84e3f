import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startTestService, type TestService } from '../testing/index.js';
import { ProbeModule } from '../testing/probe.examples.js';

describe('REST refusals', () => {
  let service: TestService;
  const writer = { scopes: ['notes:write'] };

  beforeAll(async () => {
    const protoFile = join(__dirname, '../testing/fixtures/probe.proto');
    service = await startTestService({ modules: [ProbeModule], grpc: [{ package: 'kendt.probe.v1', protoFile }] });
  });
  afterAll(() => service.close());

  it('answers a command with its position', async () => {
    const response = await service.request('/v1/notes', { body: { text: 'hello' }, as: writer });
    expect(response.status).toBe(202);
    expect(response.headers.get('kendt-position')).toBeTruthy();
    expect(await response.json()).toEqual({ written: 1 });
  });
});
