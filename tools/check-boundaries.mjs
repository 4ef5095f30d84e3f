// Proves that the walls of the house stand: lints sources that break them, as if they lay where `as` says, and expects
// the rule to speak; and sources that keep to them, where it must not. Nothing is written to disk.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('../', import.meta.url));
const boundary = '@nx/enforce-module-boundaries';
const imports = (name) => `import * as x from '${name}';\nexport const y = x;\n`;

const broken = [
  ['the domain imports an adapter', 'libs/domain/src/fixture.ts', imports('@kendt/sqlite'), boundary],
  ['the domain imports the spine above it', 'libs/domain/src/fixture.ts', imports('@kendt/eventsourcing'), boundary],
  ['the kernel imports anything', 'libs/kernel/src/fixture.ts', imports('@kendt/contracts'), boundary],
  ['a service imports another service', 'libs/services/consent/src/fixture.ts', imports('@kendt/profile-service'), boundary],
  ['a service imports an adapter', 'libs/services/consent/src/fixture.ts', imports('@kendt/sqlite'), boundary],
  ['an adapter imports a service', 'libs/adapters/sqlite/src/fixture.ts', imports('@kendt/consent-service'), boundary],
  ['an adapter imports nest', 'libs/adapters/sqlite/src/fixture.ts', imports('@kendt/nest'), boundary],
  ['a service picks adapters', 'libs/services/consent/src/fixture.ts', imports('@kendt/by-url'), boundary],
  ['an adapter imports another one', 'libs/adapters/sqlite/src/fixture.ts', imports('@kendt/kafka'), boundary],
  ['what picks adapters imports nest', 'libs/adapters/by-url/src/fixture.ts', imports('@kendt/nest'), boundary],
  ['the spine imports nest', 'libs/eventsourcing/src/fixture.ts', imports('@kendt/nest'), boundary],
  ['nest imports a service', 'libs/nest/src/fixture.ts', imports('@kendt/audit-service'), boundary],
  ['the connector imports the spine', 'libs/connector/src/fixture.ts', imports('@kendt/eventsourcing'), boundary],
  ['the contracts import the domain', 'libs/contracts/src/fixture.ts', imports('@kendt/domain'), boundary],
  ['an example imports the spine', 'examples/crm/src/fixture.ts', imports('@kendt/eventsourcing'), boundary],
  ['a library imports an app', 'libs/nest/src/fixture.ts', imports('@kendt/standalone'), boundary],
  ['code that is no test imports testing', 'libs/services/consent/src/fixture.ts', imports('@kendt/testing'), boundary],
  ['code that is no test imports example people', 'libs/nest/src/fixture.ts', imports('./people.examples.js'), 'no-restricted-imports'],
  ['the domain imports example people', 'libs/domain/src/fixture.ts', imports('./people.examples.js'), 'no-restricted-imports'],
  ['a relative path leads into another package', 'libs/nest/src/fixture.ts', imports('../../kernel/src/index.js'), boundary],
  ['a service loads at its start what makes documents', 'libs/services/consent/src/fixture.ts', imports('@nestjs/swagger'), '@typescript-eslint/no-restricted-imports'],
  ['two files import each other', 'tools/fixtures/cycle/hen.ts', undefined, 'import-x/no-cycle'],
  ['the domain imports a package', 'libs/domain/src/fixture.ts', imports('zod'), 'no-restricted-imports'],
  ['the domain imports a node module', 'libs/domain/src/fixture.ts', imports('node:crypto'), 'no-restricted-imports'],
  ['the domain reads the clock', 'libs/domain/src/fixture.ts', 'export const now = new Date();\n', 'no-restricted-syntax'],
  ['the domain reads the clock as a number', 'libs/domain/src/fixture.ts', 'export const now = Date.now();\n', 'no-restricted-properties'],
  ['the domain throws dice', 'libs/domain/src/fixture.ts', 'export const dice = Math.random();\n', 'no-restricted-properties'],
  ['the domain reads the environment', 'libs/domain/src/fixture.ts', 'export const home = process.env;\n', 'no-restricted-globals'],
  ['a decorator in the spine', 'libs/eventsourcing/src/fixture.ts', 'declare const d: ClassDecorator;\n@d export class X {}\n', 'no-restricted-syntax'],
  ['any', 'libs/nest/src/fixture.ts', 'export const x: any = 1;\n', '@typescript-eslint/no-explicit-any'],
];

const kept = [
  ['a service imports the types of what makes documents', 'libs/services/consent/src/fixture.ts', "import type * as x from '@nestjs/swagger';\nexport type Y = x.OpenAPIObject;\n"],
  ['an app imports an adapter', 'apps/standalone/src/fixture.ts', imports('@kendt/sqlite')],
  ['an app imports a service', 'apps/standalone/src/fixture.ts', imports('@kendt/consent-service')],
  ['an app picks adapters', 'apps/consent/src/fixture.ts', imports('@kendt/by-url')],
  ['what picks adapters imports one', 'libs/adapters/by-url/src/fixture.ts', imports('@kendt/sqlite')],
  ['a service imports the domain', 'libs/services/consent/src/fixture.ts', imports('@kendt/domain')],
  ['a test imports testing', 'libs/services/consent/src/fixture.test.ts', imports('@kendt/testing')],
  ['examples for tests import testing', 'libs/adapters/sqlite/src/fixture.examples.ts', imports('@kendt/testing')],
  ['the connector imports the contracts', 'libs/connector/src/fixture.ts', imports('@kendt/contracts')],
  ['the domain counts with a given time', 'libs/domain/src/fixture.ts', 'export const year = (at: string) => new Date(at).getUTCFullYear();\n'],
  ['a decorator in a service', 'libs/services/consent/src/fixture.ts', 'declare const d: ClassDecorator;\n@d export class X {}\n'],
];

// None of these rules needs types, and the sources are in no program that could tell them.
const eslint = new ESLint({
  cwd: root,
  ignore: false,
  overrideConfig: [tseslint.configs.disableTypeChecked, { languageOptions: { parserOptions: { project: null } } }],
});

async function rulesThatSpeak(as, code) {
  const [{ messages }] = await eslint.lintText(code ?? readFileSync(`${root}${as}`, 'utf8'), { filePath: `${root}${as}` });
  return messages.map(({ ruleId, message }) => ruleId ?? message);
}

const complaints = [];
for (const [what, as, code, rule] of broken) {
  const spoke = await rulesThatSpeak(as, code);
  if (!spoke.includes(rule)) complaints.push(`Not caught: ${what} (${rule} is silent${spoke.length > 0 ? `; heard: ${spoke}` : ''})`);
}
for (const [what, as, code] of kept) {
  const spoke = await rulesThatSpeak(as, code);
  if (spoke.length > 0) complaints.push(`Wrongly caught: ${what} (${spoke})`);
}

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(`${broken.length} breaches caught, ${kept.length} honest sources let through.`);
