import preset from '../../../jest.preset.mjs';

// Whatever needs a broker, wherever it lies, on one that is started for all of it.
export default {
  ...preset('on Kafka', ['<rootDir>/{libs,apps,examples,e2e}/**/*.engine.test.ts']),
  rootDir: '../../..',
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/examples', '<rootDir>/e2e'],
  testPathIgnorePatterns: ['/node_modules/', '/libs/adapters/kurrentdb/'],
  modulePathIgnorePatterns: ['/dist/'],
  globalSetup: '<rootDir>/libs/adapters/kafka/jest.engine.setup.mjs',
  globalTeardown: '<rootDir>/libs/adapters/kafka/jest.engine.teardown.mjs',
  testTimeout: 120_000,
  maxWorkers: 2,
};
