// What every event of the domain holds, read from its TypeScript types: for docs/events.md and for the check of golden samples.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../', import.meta.url));
const domain = join(root, 'libs/domain/src');

/** The aggregates: `{ stream, events: [{ type, data, personal }] }`, `data` a shape and `personal` a shape for each group. */
export function domainAggregates() {
  const files = readdirSync(domain).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts').map((name) => join(domain, name));
  return aggregates(ts.createProgram(files, compilerOptions()), files);
}

/** The same of one source that lies nowhere, to try things out. */
export function aggregatesOf(text) {
  const file = join(domain, 'as-if.ts');
  const options = { ...compilerOptions(), lib: ['lib.es5.d.ts'], types: [] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) => (name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2024, true) : read(name, () => getSourceFile(name, ...rest)));
  return aggregates(ts.createProgram([file], options, host), [file]);
}

const files = new Map();
const read = (name, parse) => files.get(name) ?? files.set(name, parse()).get(name);

function compilerOptions() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  return { ...ts.parseJsonConfigFileContent(config, ts.sys, root).options, noEmit: true };
}

const aggregates = (program, files) => files.flatMap((file) => aggregate(program.getSourceFile(file), program.getTypeChecker()));

/** A file with an exported `<x>Stream` and an exported `<X>Event` is an aggregate. */
function aggregate(source, checker) {
  const stream = /export const \w+Stream = \([^)]*\)[^=]*=> `([^`]+)`/.exec(source.text)?.[1]?.replace(/\$\{(\w+)\}/, '<$1>');
  const alias = source.statements.find((statement) => ts.isTypeAliasDeclaration(statement) && /.Event$/.test(statement.name.text));
  if (!stream || !alias) return [];
  const type = checker.getTypeAtLocation(alias.name);
  const events = (type.isUnion() ? type.types : [type]).map((event) => eventOf(event, alias, checker));
  return [{ stream, events: inOrder(events, alias.getText()) }];
}

/** The checker may sort a union's parts; the text has them in the order in which they were written. */
const inOrder = (events, text) => events.sort((a, b) => text.indexOf(`'${a.type}'`) - text.indexOf(`'${b.type}'`));

function eventOf(event, at, checker) {
  const { type, data, personal } = Object.fromEntries(properties(event, at, checker).map(({ name, type }) => [name, type]));
  const groups = personal ? properties(personal, at, checker).map(({ name, type }) => [name, shapeOf(contentOf(type), at, checker)]) : [];
  return { type: type.value, data: shapeOf(data, at, checker), personal: Object.fromEntries(groups) };
}

/** Of a group: what it holds, when it is not erased. */
const contentOf = (type) => (type.isUnion() ? type.types : [type]).find((part) => !part.isStringLiteral());

const properties = (type, at, checker) =>
  checker.getPropertiesOfType(type).map((symbol) => ({
    name: symbol.name,
    optional: (symbol.flags & ts.SymbolFlags.Optional) !== 0,
    type: checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(symbol, at)),
  }));

/** `{ kind, text }`, and by kind `fields` (name, optional, shape), `of`, or `values`. `text` is the type as it was written. */
function shapeOf(type, at, checker) {
  const text = checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation).replaceAll('readonly ', '');
  const { flags } = type;
  if (flags & ts.TypeFlags.String) return { kind: 'string', text };
  if (flags & ts.TypeFlags.Number) return { kind: 'number', text };
  if (flags & ts.TypeFlags.Boolean) return { kind: 'boolean', text };
  const values = (type.isUnion() ? type.types : [type]).map((part) => literalOf(part, checker));
  if (values.every((value) => value !== undefined)) return { kind: 'one of', text, values };
  if (checker.isArrayType(type)) return { kind: 'array', text, of: shapeOf(checker.getTypeArguments(type)[0], at, checker) };
  const index = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (index) return { kind: 'record', text, of: shapeOf(index, at, checker) };
  if (!(flags & ts.TypeFlags.Object)) throw new Error(`An event may hold texts, numbers, booleans, lists and objects of these, not ${text}`);
  const fields = properties(type, at, checker).map(({ name, optional, type: field }) => ({ name, optional, shape: shapeOf(field, at, checker) }));
  return { kind: 'object', text, fields };
}

const literalOf = (type, checker) =>
  type.isStringLiteral() || type.isNumberLiteral() ? type.value : type.flags & ts.TypeFlags.BooleanLiteral ? checker.typeToString(type) === 'true' : undefined;
