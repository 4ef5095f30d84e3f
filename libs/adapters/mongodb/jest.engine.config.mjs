import preset from '../../../jest.preset.mjs';

// On a server that is started for all of it, or that MONGODB_URL names.
export default {
  ...preset('on MongoDB', ['<rootDir>/src/**/*.engine.test.ts']),
  globalSetup: '<rootDir>/jest.engine.setup.mjs',
  globalTeardown: '<rootDir>/jest.engine.teardown.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
};
