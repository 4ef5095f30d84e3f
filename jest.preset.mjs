import { readFileSync } from 'node:fs';

const root = new URL('./', import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const { $schema: _, ...swc } = json('.swcrc');

// Jest runs everything as CommonJS (no --experimental-vm-modules: 3x faster, mocks hoist, works with fake timers).
// Packages published as ES modules are therefore down-levelled by SWC too; the list is read from the lock file.
// These are CommonJS that calls `import()`, which plain CommonJS mode cannot do either.
const esm = new Set(['@fastify/cookie', '@opentelemetry/otlp-exporter-base', 'mongodb']);
for (const [folder, entry] of Object.entries(json('package-lock.json').packages)) {
  if (!folder.includes('node_modules/') || entry.link) continue;
  try {
    if (json(`${folder}/package.json`).type === 'module') esm.add(folder.slice(folder.lastIndexOf('node_modules/') + 13));
  } catch {
    // optional, not installed on this platform
  }
}

const options = { ...swc, swcrc: false, sourceMaps: 'inline', module: { type: 'commonjs' } };

/**
 * `.test.ts` is pure and instant, `.int.test.ts` starts one real server or writes a file; both need only npm. `.engine.test.ts` needs a
 * server that npm does not bring, and is run by `npm run test:engines` alone.
 */
export default (displayName, testMatch = ['<rootDir>/src/**/!(*.engine).test.ts']) => ({
  displayName,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@kendt/source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', options],
    '^.+\\.[cm]?js$': ['@swc/jest', { ...options, jsc: { target: 'es2024', parser: { syntax: 'ecmascript' } } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!.*/node_modules/|(?:${[...esm].join('|')})/)`],
  setupFiles: ['reflect-metadata'],
  testMatch,
});
