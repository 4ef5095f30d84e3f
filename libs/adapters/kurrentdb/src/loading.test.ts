import { afterEach, expect, it, jest } from '@jest/globals';

afterEach(() => {
  jest.resetModules();
});

it('loads the client when a store is opened, and not before; says so when it has no native part for this machine', async () => {
  let asked = 0;
  jest.doMock('@kurrent/kurrentdb-client', () => {
    asked++;
    throw new Error("Cannot find module '@kurrent/bridge-sunos-sparc'");
  });
  const { KurrentEventStore } = await import('./index.js');
  expect(asked).toBe(0);
  await expect(KurrentEventStore.open({ url: 'kurrentdb://localhost' })).rejects.toThrow('The KurrentDB client cannot be loaded: it has a native part');
  expect(asked).toBe(1);
});
