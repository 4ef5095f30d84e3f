import preset from '../jest.preset.mjs';

export default preset('e2e', ['<rootDir>/src/**/*.e2e.test.ts']);
