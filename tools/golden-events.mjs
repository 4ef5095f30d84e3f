// Golden samples of events: a sample of every version of every event is kept for ever, in libs/domain/golden/<Event>.v<N>.json.
import { upcast } from '@kendt/kernel';
import { keptForEver } from './golden-files.mjs';

export const folder = 'libs/domain/golden';

const recipe = 'see "How to change the shape of an event" in CONTRIBUTING.md';
const nameShape = /^([A-Za-z]+)\.v([1-9]\d*)\.(?:[a-z0-9-]+\.)?json$/;

/**
 * What is wrong, a sentence each, and what to do; and what could be better.
 * @param aggregates today's types, see event-shapes.mjs
 * @param upcasters by event type, the steps that lead to today's version
 * @param samples `{ [file]: text }`
 * @param sums `{ [file]: hash }` of what was committed
 */
export function checkEvents({ aggregates, upcasters, samples, sums }) {
  const events = aggregates.flatMap((aggregate) => aggregate.events);
  const read = Object.keys(samples).map((file) => sampleOf(file, samples[file]));
  return {
    wrong: [
      ...keptForEver({ folder, samples, sums, reason: 'Stores still hold such events', instead: `if today's events look different, ${recipe}` }),
      ...read.flatMap((sample) => sample.wrong ?? readable(sample, events, upcasters)),
      ...events.flatMap((event) => complete(event, upcasters, read)),
    ],
    notes: events.flatMap((event) => unseen(event, upcasters, read)),
  };
}

function sampleOf(file, text) {
  const [, type, version] = nameShape.exec(file) ?? [];
  if (!type) return { file, wrong: [`${file}: a sample is called <Event>.v<N>.json, or <Event>.v<N>.<what>.json for one more of the same version.`] };
  try {
    const event = JSON.parse(text);
    return event.type === type ? { file, type, version: Number(version), event } : { file, wrong: [`${file} holds a ${event.type}.`] };
  } catch {
    return { file, wrong: [`${file} is not JSON.`] };
  }
}

function readable({ file, type, version, event }, events, upcasters) {
  const shape = events.find((one) => one.type === type);
  if (!shape) return [`${file}: there is no event ${type} any more. Stores still hold it: an event that is no longer written keeps its type and its case in evolve.`];
  if (version > today(type, upcasters)) return [`${file}: today's version of ${type} is ${today(type, upcasters)}, no step in upcasters.ts leads to ${version}.`];
  const problems = differences(upcast(event, version, upcasters), shape);
  return problems.map((problem) => `${file}: ${problem} An event's fields are for ever: put them back as they were, or write a step that brings version ${version} up to date; ${recipe}.`);
}

const today = (type, upcasters) => (upcasters[type] ?? []).length + 1;

const complete = ({ type }, upcasters, samples) =>
  Array.from({ length: today(type, upcasters) }, (_, n) => n + 1)
    .filter((version) => !samples.some((sample) => sample.type === type && sample.version === version))
    .map((version) => `There is no sample of version ${version} of ${type}: add ${folder}/${type}.v${version}.json with every field, as it is stored ({ type, data, personal }), then npm run docs.`);

const differences = ({ data, personal = {} }, shape) => [
  ...mismatches(data, shape.data, 'data'),
  ...Object.keys(personal).filter((group) => !shape.personal[group]).map((group) => `it has the data group ${group}, which today's type does not have.`),
  ...Object.entries(shape.personal).flatMap(([group, content]) => (personal[group] ? mismatches(personal[group], content, `personal.${group}`) : [`today's type has the data group ${group}, which it does not have.`])),
];

function mismatches(value, shape, path) {
  switch (shape.kind) {
    case 'one of':
      return shape.values.includes(value) ? [] : [`${path} is ${JSON.stringify(value)}, which today's type does not allow (${shape.text}).`];
    case 'array':
      return Array.isArray(value) ? value.flatMap((one, n) => mismatches(one, shape.of, `${path}[${n}]`)) : [wrongKind(path, shape)];
    case 'record':
      return isObject(value) ? Object.entries(value).flatMap(([name, one]) => mismatches(one, shape.of, `${path}.${name}`)) : [wrongKind(path, shape)];
    case 'object':
      return isObject(value) ? fieldMismatches(value, shape.fields, path) : [wrongKind(path, shape)];
    default:
      return typeof value === shape.kind ? [] : [wrongKind(path, shape)];
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const wrongKind = (path, { text }) => `${path} is not what today's type says (${text}).`;

function fieldMismatches(value, fields, path) {
  const unknown = Object.keys(value).filter((name) => !fields.some((field) => field.name === name)).map((name) => `it has ${path}.${name}, which today's type does not have.`);
  const missing = fields.filter(({ name, optional }) => !optional && !(name in value)).map(({ name }) => `today's type needs ${path}.${name}, which it does not have.`);
  return [...unknown, ...missing, ...fields.flatMap(({ name, shape }) => (name in value ? mismatches(value[name], shape, `${path}.${name}`) : []))];
}

/** An optional field that no sample of today's version shows may be taken away unnoticed. */
function unseen({ type, data, personal }, upcasters, samples) {
  const current = samples.filter((sample) => sample.type === type && sample.version === today(type, upcasters)).map(({ event }) => event);
  const never = (fields, contents) => fields.filter(({ name, optional }) => optional && !contents.some((content) => content && name in content)).map(({ name }) => name);
  const names = [
    ...never(data.fields, current.map((event) => event.data)).map((name) => `data.${name}`),
    ...Object.entries(personal).flatMap(([group, { fields }]) => never(fields, current.map((event) => event.personal?.[group])).map((name) => `personal.${group}.${name}`)),
  ];
  return current.length === 0 ? [] : names.map((name) => `No sample shows the optional ${name} of ${type}: ${folder}/${type}.v${today(type, upcasters)}.<what>.json would keep it safe.`);
}
