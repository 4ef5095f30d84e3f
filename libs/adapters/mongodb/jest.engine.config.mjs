import preset from '../../../jest.preset.mjs';

// Whatever needs MongoDB, wherever it lies, on a server that is started for all of it, or that MONGODB_URL names.
export default {
  ...preset('on MongoDB', ['<rootDir>/libs/adapters/mongodb/**/*.engine.test.ts', '<rootDir>/apps/**/mongodb.engine.test.ts']),
  rootDir: '../../..',
  roots: ['<rootDir>/libs/adapters/mongodb', '<rootDir>/apps'],
  modulePathIgnorePatterns: ['/dist/'],
  globalSetup: '<rootDir>/libs/adapters/mongodb/jest.engine.setup.mjs',
  globalTeardown: '<rootDir>/libs/adapters/mongodb/jest.engine.teardown.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
};
