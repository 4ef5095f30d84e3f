// The walls of the house as lint rules: which room may import which, and what the domain may not touch.
// tools/check-boundaries.mjs proves that each of them holds.

/** From the top of the house to its ground; a room may import only from rooms below it. */
const rooms = ['service', 'nest', 'eventsourcing', 'domain', 'connector', 'contracts', 'kernel'];

const below = (room) => rooms.slice(rooms.indexOf(room) + 1);

const mayImport = {
  app: ['by-url', 'adapter', ...rooms],
  service: below('service'),
  nest: below('nest'),
  apart: ['by-url', 'adapter', 'testing', ...rooms], // starts the apps and real servers on one machine
  'by-url': ['adapter', ...below('nest')], // picks adapters, for apps
  adapter: below('nest'),
  eventsourcing: below('eventsourcing'),
  domain: ['kernel'],
  connector: ['contracts'], // published on its own: it must not pull in the rest
  contracts: ['kernel'],
  kernel: [],
  testing: below('nest'),
  console: ['connector'], // what the examples have in common
  example: ['console', 'connector', 'contracts'],
  bench: ['app', 'apart', 'by-url', 'adapter', 'testing', ...rooms],
  chaos: ['app', 'apart', 'by-url', 'adapter', 'testing', ...rooms],
  e2e: ['app', 'apart', 'example', 'testing', 'connector', 'contracts', 'kernel'],
};

const tag = (room) => `type:${room}`;

/** @nx/enforce-module-boundaries: imports point down; `testing` is for tests alone. */
export const boundaries = ({ inTests }) => [
  'error',
  {
    depConstraints: Object.entries(mayImport).map(([room, others]) => ({
      sourceTag: tag(room),
      onlyDependOnLibsWithTags: (inTests ? [...new Set([...others, 'testing'])] : others).map(tag),
    })),
    // Tests of a package use `testing`, which stands on that package; no code that runs goes round.
    ignoredCircularDependencies: [['testing', '*']],
  },
];

const clock = 'Time arrives in the command: the domain reads no clock.';
const outside = 'The domain touches nothing outside itself.';

const noExamples = { regex: '\\.examples\\.js$', message: 'Example people are for tests.' };
const noPackages = { regex: '^(?!\\.{1,2}/|@kendt/)', message: 'The domain imports no package and no node module.' };

const pure = {
  'no-restricted-imports': ['error', { patterns: [noExamples, noPackages] }],
  'no-restricted-globals': [
    'error',
    ...['process', 'Buffer', 'crypto', 'performance', 'console', 'fetch', 'globalThis', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'require']
      .map((name) => ({ name, message: outside })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Chance arrives in the command.' },
    { object: 'Date', property: 'now', message: clock },
  ],
};

const noDecorator = { selector: 'Decorator', message: 'Decorators stand only in apps, libs/nest and libs/services.' };
const noClock = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
  { selector: "CallExpression[callee.name='Date']", message: clock },
];

/** What only tests are made of: they may use `testing`, and each other. */
export const forTests = ['**/*.test.ts', '**/*.examples.ts', 'libs/testing/**/*.ts', 'libs/*/src/testing/**/*.ts', 'e2e/**/*.ts', 'bench/**/*.ts', 'chaos/**/*.ts'];

const loadedLate = { name: '@nestjs/swagger', allowTypeImports: true, message: 'A fifth of what a service would load: take the decorators of @kendt/nest, which load it when somebody asks for /docs (ADR 42).' };

export const houseRules = [
  {
    files: ['apps/**/*.ts', 'libs/nest/**/*.ts', 'libs/services/**/*.ts'],
    ignores: forTests,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: [loadedLate] }] },
  },
  {
    files: ['**/*.ts'],
    ignores: forTests,
    rules: { 'no-restricted-imports': ['error', { patterns: [noExamples] }] },
  },
  {
    files: ['**/*.ts'],
    ignores: ['apps/**', 'libs/nest/**', 'libs/services/**', '**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', noDecorator] },
  },
  {
    files: ['libs/domain/**/*.ts', 'libs/kernel/**/*.ts'],
    ignores: forTests,
    rules: { ...pure, 'no-restricted-syntax': ['error', noDecorator, ...noClock] },
  },
];

export async function readProjectGraph() {
  process.env.NX_DAEMON ??= 'false';
  const { createProjectGraphAsync } = await import('@nx/devkit');
  return createProjectGraphAsync({ exitOnError: false });
}
