import preset from '../../../jest.preset.mjs';

export default { ...preset('kurrentdb on a server', ['<rootDir>/src/**/*.engine.test.ts']), testTimeout: 30_000 };
