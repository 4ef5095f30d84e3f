// What has changed between two JSON schemas of a message that somebody would notice, each as `{ path, what }`.
//
// `out`: Kendt writes, others read. Readers of yesterday read the messages of today, and readers of today those of yesterday, which
// lie on the topic for long. So only optional fields may come, and only where an object is open; all else stays.
// `in`: others write, Kendt reads. What was taken yesterday is taken today; more may be.

/** Both schemas with their definitions inside. */
export const changes = (before, now, direction) => compare(plain(before), plain(now), '', direction === 'out' ? told : taken);

const annotations = new Set(['$schema', '$id', 'title', 'description', 'examples', 'definitions']);

/** Without references and without what only people read. */
export function plain(schema, { definitions = {} } = schema) {
  if (Array.isArray(schema)) return schema.map((one) => plain(one, { definitions }));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref, allOf, properties, ...rest } = schema;
  return {
    ...($ref && plain(definitions[$ref.slice('#/definitions/'.length)], { definitions })),
    ...Object.assign({}, ...(allOf ?? []).map((one) => plain(one, { definitions }))),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, plain(property, { definitions })])) }),
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => !annotations.has(name)).map(([name, value]) => [name, name === 'const' || name === 'enum' ? value : plain(value, { definitions })])),
  };
}

/** The paths of objects that take no field but their own. */
export function closedObjects(schema, path = '') {
  const { properties = {}, items, oneOf = [], anyOf = [], additionalProperties } = plain(schema);
  return [
    ...(additionalProperties === false ? [path] : []),
    ...Object.entries(properties).flatMap(([name, property]) => closedObjects(property, inside(path, name))),
    ...(items ? closedObjects(items, `${path}[]`) : []),
    ...[...oneOf, ...anyOf].flatMap((one) => closedObjects(one, path)),
  ];
}

const inside = (path, name) => (path === '' ? name : `${path}.${name}`);
const same = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
};

const alternatives = (schema) => schema.oneOf ?? schema.anyOf ?? [schema];

function compare(before, now, path, rule) {
  if (same(before, now)) return [];
  if (alternatives(before).length > 1 || alternatives(now).length > 1) return rule.alternatives(before, now, path);
  if (before.type !== now.type && !rule.type(before.type, now.type)) return [{ path, what: `was of type ${before.type}, is of type ${now.type}` }];
  return [...fieldChanges(before, now, path, rule), ...itemChanges(before, now, path, rule), ...rule.values(before, now).map((what) => ({ path, what }))];
}

function fieldChanges({ properties: old = {}, required: oldRequired = [], additionalProperties: wasOpen = true }, now, path, rule) {
  const { properties = {}, required = [], additionalProperties: isOpen = true } = now;
  const added = Object.keys(properties).filter((name) => !(name in old));
  const gone = Object.keys(old).filter((name) => !(name in properties));
  const renamedTo = (name) => added.find((other) => same(old[name], properties[other]));
  const renames = new Set(gone.map(renamedTo).filter(Boolean));
  const kept = Object.keys(old).filter((name) => name in properties);
  return [
    ...gone.map((name) => ({ path: inside(path, name), what: renamedTo(name) ? `was renamed to ${renamedTo(name)}` : 'was removed' })),
    ...added.filter((name) => !renames.has(name)).flatMap((name) => rule.added(required.includes(name), wasOpen).map((what) => ({ path: inside(path, name), what }))),
    ...kept.flatMap((name) => rule.required(oldRequired.includes(name), required.includes(name)).map((what) => ({ path: inside(path, name), what }))),
    ...(wasOpen && !isOpen ? [{ path, what: 'does not take unknown fields any more' }] : []),
    ...kept.flatMap((name) => compare(old[name], properties[name], inside(path, name), rule)),
  ];
}

const itemChanges = ({ items: old }, { items }, path, rule) => (old && items ? compare(old, items, `${path}[]`, rule) : []);

const structure = new Set(['type', 'properties', 'required', 'additionalProperties', 'items', 'oneOf', 'anyOf']);
/** By keyword, what differs: `[keyword, before, now]`. */
const differing = (before, now) =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => !structure.has(name) && !same(before[name], now[name])).map((name) => [name, before[name], now[name]]);

const words = (values) => values.map((value) => JSON.stringify(value)).join(', ');
const choices = ({ enum: values, const: only }) => values ?? (only === undefined ? undefined : [only]);
const lost = (before, now) => (choices(now) ? (choices(before) ?? []).filter((value) => !choices(now).includes(value)) : []);
const changed = ([name, before, now]) => (before === undefined ? `has a ${name} now: ${now}` : now === undefined ? `has lost its ${name}` : `had the ${name} ${before}, has ${now}`);

const isChoice = ([name]) => name === 'enum' || name === 'const';
const closing = (before, now) => (choices(now) && !choices(before) ? [`takes nothing but ${words(choices(now))} any more`] : []);
const losing = (before, now) => (lost(before, now).length > 0 ? [`is never ${words(lost(before, now))} any more`] : []);

/** Nothing may differ, apart from optional fields that are new. */
const told = {
  type: () => false,
  added: (isRequired, wasOpen) => (isRequired ? ['is new and required, but messages that were written before do not have it'] : wasOpen ? [] : ['is new, in an object that took no other fields']),
  required: (was, is) => (was === is ? [] : is ? ['is required now, but messages that were written before may not have it'] : ['was always there, is optional now']),
  alternatives: (before, now, path) => {
    if (alternatives(before).length !== alternatives(now).length) return [{ path, what: `has ${alternatives(now).length} alternatives now, had ${alternatives(before).length}` }];
    return alternatives(before).flatMap((one, n) => compare(one, alternatives(now)[n], path, told));
  },
  values: (before, now) => [
    ...closing(before, now),
    ...losing(before, now),
    ...(lost(now, before).length > 0 ? [`can be ${words(lost(now, before))} now, which readers do not know`] : []),
    ...(choices(before) && !choices(now) ? ['can be anything now'] : []),
    ...differing(before, now).filter((one) => !isChoice(one)).map(changed),
  ],
};

const lowerBounds = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems'];
const upperBounds = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems'];
const isNarrower = ([name, before, now]) => {
  if (now === undefined) return false;
  if (lowerBounds.includes(name)) return before === undefined || now > before;
  if (upperBounds.includes(name)) return before === undefined || now < before;
  return true; // patterns and formats cannot be compared, so another one may be narrower
};

/** Whatever was taken is still taken. */
const taken = {
  type: (before, now) => now === undefined || (before === 'integer' && now === 'number'),
  added: (isRequired) => (isRequired ? ['is new and required, but systems that run today do not send it'] : []),
  required: (was, is) => (is && !was ? ['is required now, but systems that run today may leave it out'] : []),
  alternatives: (before, now, path) =>
    alternatives(before).flatMap((one) => {
      const each = alternatives(now).map((other) => compare(one, other, path, taken));
      if (each.some((found) => found.length === 0)) return [];
      return each[nearest(one, alternatives(now))] ?? [{ path, what: `does not take ${nameOf(one)} any more` }];
    }),
  values: (before, now) => [...closing(before, now), ...lost(before, now).map((value) => `does not take ${words([value])} any more`), ...differing(before, now).filter((one) => !isChoice(one) && isNarrower(one)).map(changed)],
};

/** Alternatives are told apart by a field that is always the same. */
const marks = ({ properties = {} }) => Object.entries(properties).filter(([, property]) => property.const !== undefined).map(([name, property]) => `${name} ${property.const}`);
const nearest = (one, others) => others.findIndex((other) => marks(one).some((mark) => marks(other).includes(mark)));
const nameOf = (one) => marks(one)[0] ?? `the type ${one.type}`;
