import { existsSync, globSync } from 'node:fs';

// `npm test`: every project that needs nothing but npm. The journey (e2e) has its own run: `npm run test:e2e`.
const root = import.meta.dirname;
const packages = globSync(['libs/*', 'libs/adapters/*', 'libs/services/*', 'apps/*', 'examples/*', 'bench', 'chaos'], { cwd: root });
const configs = packages.map((folder) => `${folder}/jest.config.mjs`).filter((file) => existsSync(`${root}/${file}`));

// Many tests wait for clocks and files more than they compute: more workers than cores pays.
// On a busy machine with cold caches a test of real processes takes its time, so the limit only ends what hangs.
export default { maxWorkers: 3, testTimeout: 30_000, projects: configs.sort().map((file) => `<rootDir>/${file}`) };
