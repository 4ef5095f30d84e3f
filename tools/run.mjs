// What every script of package.json starts: installs what is missing, builds what is stale, runs the rest on Node 24.
// Plain JavaScript for Node 18 and later, so that it runs before anything is installed. Says nothing on stdout itself.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { chromium } from './chromium.mjs';
import { install, isInstalled } from './install.mjs';
import { run } from './processes.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const bin = (name) => join(root, 'node_modules/.bin', name);

/** kafkajs 2.2.4 waits for a moment that is long past, which Node 24 remarks on once a process. */
const quietKafkajs = '--disable-warning=TimeoutNegativeWarning';

const targets = {
  start: (args) => program('apps/standalone/dist/main.js', args),
  apart: (args) => program('apps/apart/dist/main.js', args),
  kendt: (args) => program('apps/cli/dist/main.js', args),
  demo: (args) => program('e2e/dist/demo.js', args),
  docs: (args) => program('tools/docs.mjs', args),
  bench: (args) => program('bench/dist/main.js', args),
  chaos: (args) => program('chaos/dist/main.js', args),
  build: () => 0,
  test,
  'test:e2e': testJourney,
  'test:engines': testEngines,
  typecheck: (args) => check('typecheck', args),
  lint: (args) => check('lint', args),
  check: checkAll,
};

/** Servers that an adapter speaks to, the variable that says where one is, and what runs on it; `here`: we start one ourselves. */
const engines = {
  KurrentDB: { variable: 'KURRENTDB_URL', config: 'libs/adapters/kurrentdb/jest.engine.config.mjs' },
  Kafka: { variable: 'KAFKA_URL', config: 'libs/adapters/kafka/jest.engine.config.mjs', here: true },
  MongoDB: { variable: 'MONGODB_URL', config: 'libs/adapters/mongodb/jest.engine.config.mjs', here: true },
};

/** What can be said without running a test. */
const checks = {
  typecheck: [bin('tsc'), '-p', 'tsconfig.json'],
  lint: [bin('eslint'), '.', '--cache', '--cache-location', 'node_modules/.cache/eslint/'],
  boundaries: ['tools/check-boundaries.mjs'],
  'lock file': ['tools/lockcheck.mjs'],
  documents: ['tools/docs.mjs', '--check'],
  links: ['tools/check-links.mjs'],
  recipes: ['tools/check-recipes.mjs'],
  events: ['tools/check-events.mjs'],
  messages: ['tools/check-messages.mjs'],
  asyncapi: ['tools/check-asyncapi.mjs'],
  packages: ['tools/check-packages.mjs'],
  observability: ['tools/check-observability.mjs'],
  compose: ['tools/check-compose.mjs'],
  images: ['tools/check-images.mjs'],
};

async function main([name, ...args]) {
  const target = targets[name];
  if (!target) throw new Error(`There is no "${name}"; there are ${Object.keys(targets).join(', ')}.`);
  refuseOldNode();
  if (!isInstalled(root)) await install(root);
  await build();
  process.exitCode = await target(args);
}

/** Node 24 from node_modules, where the lock file has one for this platform; the node we run on where it is new enough. */
function node() {
  return existsSync(bin('node')) ? bin('node') : process.execPath;
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 9)) return;
  const platform = `${process.platform}-${process.arch}`;
  if (readFileSync(join(root, 'package-lock.json'), 'utf8').includes(`"node_modules/node-${platform}"`)) return;
  throw new Error(`Kendt needs Node 24.9 or later; this is ${process.version}, and npm has none for ${platform}. Get it from https://nodejs.org.`);
}

function program(file, args) {
  if (!existsSync(join(root, file))) throw new Error(`${file} does not exist: is this checkout complete?`);
  return run(node(), [quietKafkajs, join(root, file), ...args], { cwd: root, env: environment() });
}

/** Tests start the same programs many times: what Node has compiled once is kept for the next. */
const compileCache = join(root, 'node_modules/.cache/compiled');

/** What a program starts in its turn (`node`, `tsc`) is ours as well. */
const environment = (more = {}) => ({ ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`, ...more });

async function test(args) {
  return jest('jest.config.mjs', args, 'Left out: the journey end to end and the pages in a browser (npm run test:e2e).');
}

async function testJourney(args) {
  return jest('e2e/jest.config.mjs', ['--maxWorkers=2', ...args], 'Left out: everything else (npm test).', { CHROMIUM: await chromium() });
}

/** Suites that need a real server, each where the environment names one, or one can be had. */
async function testEngines(args) {
  let failed = 0;
  const some = ['--passWithNoTests', ...args]; // what is looked for by name stands in one of them
  for (const [name, { variable, config, here }] of Object.entries(engines)) {
    if (process.env[variable]) failed += await jest(config, some, `On ${name}, at ${variable}.`);
    else if (here) failed += await jest(config, some, `On ${name}, started here.`);
    else console.log(`${name}: not run, no ${variable}`);
  }
  if (!allCounts.files) console.log('No test was found.');
  return failed > 0 || !allCounts.files ? 1 : 0;
}

/** Runs jest; the last line counts what ran and says what did not. TEST_REPORT names a file that keeps the counts, of all runs of one command. */
async function jest(config, args, leftOut, variables = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporters=default', `--reporters=${join(root, 'tools/count.reporter.mjs')}`];
  // Theirs first: whatever stands behind a list like --reporters is taken for more of it.
  const options = ['--config', join(root, config), ...args, '--silent', ...reporters];
  const begin = Date.now();
  try {
    const env = environment({ NODE_COMPILE_CACHE: compileCache, ...variables, TEST_REPORT: report });
    const code = await run(node(), [quietKafkajs, join(root, 'node_modules/jest/bin/jest.js'), ...options], { cwd: root, env });
    if (existsSync(report)) {
      const counts = JSON.parse(readFileSync(report, 'utf8'));
      console.log(`${summary(counts, Date.now() - begin)} ${leftOut}`);
      keepCounts(counts);
    }
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const allCounts = {};

function keepCounts(counts) {
  for (const [what, count] of Object.entries(counts)) allCounts[what] = (allCounts[what] ?? 0) + count;
  if (process.env.TEST_REPORT) writeFileSync(process.env.TEST_REPORT, JSON.stringify(allCounts));
}

function summary({ passed, failed, skipped, brokenFiles, files }, ms) {
  const rest = [brokenFiles > 0 && `${brokenFiles} files could not be run`, skipped > 0 && `${skipped} skipped`].filter(Boolean);
  return [`Tests run: ${passed + failed} in ${files} files, ${passed} passed, ${failed} failed`, ...rest, `${Math.round(ms / 1000)} s.`].join(', ');
}

/** Runs each check, and goes on after a failure, so that one run tells all. */
async function checkAll() {
  const failed = [];
  for (const name of Object.keys(checks)) {
    console.log(`${name} …`);
    if ((await check(name)) !== 0) failed.push(name);
  }
  console.log(failed.length > 0 ? `Failed: ${failed.join(', ')}.` : 'All is well.');
  return failed.length > 0 ? 1 : 0;
}

function check(name, args = []) {
  return run(node(), [...checks[name], ...args], { cwd: root, env: environment() });
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
