import { afterEach, expect, it, jest } from '@jest/globals';
import { startTestService, type TestService } from '../testing/index.js';

const services: TestService[] = [];
afterEach(() => Promise.all(services.splice(0).map((service) => service.close())));

it('does not ask a store again that has just answered, and asks one that failed each time until it is back', async () => {
  const service = await startTestService({ modules: [], freshMs: 60_000 });
  services.push(service);
  const read = jest.spyOn(service.ports.events, 'read');
  const asked = (): number => read.mock.calls.filter(([stream]) => stream === 'health-probe').length;
  const status = async (): Promise<number> => (await fetch(`${service.operatorsUrl}/health/ready`)).status;
  read.mockImplementation(() => {
    throw new Error('away');
  });
  expect([await status(), await status(), asked()]).toEqual([503, 503, 2]);
  read.mockRestore();
  const again = jest.spyOn(service.ports.events, 'read');
  expect([await status(), await status(), await status()]).toEqual([200, 200, 200]);
  expect(again.mock.calls.filter(([stream]) => stream === 'health-probe')).toHaveLength(1);
});
