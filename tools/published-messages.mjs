// The contract with other systems as it was published, in libs/contracts/published: a JSON schema per type of message, and the topics.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonSchemaOf, messageSchema, publicTopics } from '@kendt/contracts';
import { keptForEver } from './golden-files.mjs';
import { changes, closedObjects } from './schema-changes.mjs';

export const folder = 'libs/contracts/published';
export const golden = 'libs/contracts/golden';
const topicsFile = 'topics.json';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The contract: `{ topics: { [id]: topic }, messages: { [type]: schema } }`. */
export function publishedContract() {
  const files = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  const read = (file) => JSON.parse(readFileSync(join(root, folder, file), 'utf8'));
  const types = files.filter((file) => file !== topicsFile);
  return { topics: files.includes(topicsFile) ? read(topicsFile) : {}, messages: Object.fromEntries(types.map((file) => [file.replace(/\.json$/, ''), read(file)])) };
}

export const todaysContract = (topics = publicTopics, schemaOf = messageSchema) => ({
  topics: Object.fromEntries(topics.map((topic) => [topic.id, topicOf(topic)])),
  messages: Object.fromEntries(topics.flatMap(({ messages }) => Object.keys(messages)).map((type) => [type, schemaOf(type)])),
});

const topicOf = ({ name, direction, writer, key, cleanup, retentionMs, partitions, tombstones, messages, headers }) => ({
  name, direction, writer, key, cleanup, ...(retentionMs !== undefined && { retentionMs }), partitions, tombstones, messages: Object.keys(messages).sort(), headers: jsonSchemaOf(headers),
});

/** Files by their names. What breaks a promise is not written: the promise stays, and the check goes on saying so. */
export function contractFiles(published, today) {
  const topics = { ...today.topics, ...pick(published.topics, (id) => topicBreaks(id, published, today).length > 0) };
  const messages = { ...today.messages, ...pick(published.messages, (type) => messageBreaks(type, published, today).length > 0) };
  const all = [[topicsFile, topics], ...Object.entries(messages).map(([type, schema]) => [`${type}.json`, schema])];
  return Object.fromEntries(all.map(([file, content]) => [`${folder}/${file}`, `${JSON.stringify(content, undefined, 2)}\n`]));
}

const pick = (object, wanted) => Object.fromEntries(Object.entries(object).filter(([name]) => wanted(name)));

/**
 * What would break somebody, a sentence each, and what to do.
 * @param samples `{ [file]: text }` of the golden messages
 * @param sums `{ [file]: hash }` of what was committed
 */
export const checkMessages = ({ published, today, samples, sums }) => [
  ...Object.keys(published.topics).flatMap((id) => topicBreaks(id, published, today)),
  ...Object.keys(published.messages).flatMap((type) => messageBreaks(type, published, today)),
  ...Object.keys(today.messages).flatMap((type) => mustBeOpen(type, today)),
  ...keptForEver({ folder: golden, samples, sums, reason: 'Such messages lie on topics', instead: 'if today’s message has more fields, add a sample beside it' }),
];

const topicOfType = (type, { topics }) => Object.values(topics).find(({ messages }) => messages.includes(type));

const next = (type) => type.replace(/\.v(\d+)$/, (_, version) => `.v${Number(version) + 1}`);

/** A message that only ever comes to Kendt is refused where it does not fit, one that goes out is misread. */
function messageBreaks(type, published, today) {
  const { direction } = topicOfType(type, published) ?? topicOfType(type, today);
  const whom = direction === 'out' ? 'subscribers rely on it' : 'systems that send it would be refused';
  const advice = `${whom}: put it back as it was, or add ${next(type)} beside it`;
  if (!today.messages[type]) return [`${type} is gone; ${whom}: bring it back.`];
  return changes(published.messages[type], today.messages[type], direction).map(({ path, what }) => `${type}: ${path || 'the message'} ${what}; ${advice}.`);
}

const mustBeOpen = (type, today) =>
  topicOfType(type, today).direction === 'in'
    ? []
    : closedObjects(today.messages[type]).map((path) => `${type}: ${path || 'the message'} takes no fields that are added later, so subscribers of today would refuse them; make it z.object, not z.strictObject.`);

const promises = {
  name: (was, is) => `is called ${is} now; subscribers read the old one: call it ${was} again, or write to both until all have moved`,
  direction: (was, is) => `goes ${is} now, went ${was}; turn it back, or make a topic of its own`,
  writer: (was, is) => `is written by ${is} now, was by ${was}; access rules are made for the one: take it back, or make a topic of its own`,
  key: (was, is) => `has the key ${is} now, had ${was}; order holds per key: take it back, or make a topic v2`,
  cleanup: (was, is) => `is kept by ${is} now, was by ${was}; subscribers count on what they find from the beginning: take it back, or make a topic v2`,
  partitions: (was, is) => `has ${is} partitions now, had ${was}; keys move to other partitions and lose their order: take it back, or make a topic v2`,
  tombstones: (was) => `${was ? 'has no tombstones any more' : 'has tombstones now'}; subscribers act by them: take it back, or make a topic v2`,
};

function topicBreaks(id, published, today) {
  const [was, is] = [published.topics[id], today.topics[id]];
  if (!is) return [`The topic ${was.name} is gone; others read and write it: bring it back.`];
  const broken = Object.keys(promises).filter((promise) => was[promise] !== is[promise]);
  const gone = was.messages.filter((type) => !is.messages.includes(type) && today.messages[type]);
  const shorter = (is.retentionMs ?? Infinity) < (was.retentionMs ?? Infinity) && was.cleanup === is.cleanup;
  return [
    ...broken.map((promise) => `The topic ${was.name} ${promises[promise](was[promise], is[promise])}.`),
    ...gone.map((type) => `${type} is no longer on the topic ${was.name}; that is where subscribers look: write it there as well.`),
    ...(shorter ? [`The topic ${was.name} is kept for ${is.retentionMs / 86_400_000} days now, was for ${was.retentionMs / 86_400_000}; who was away that long would miss messages: take it back, or say so a version ahead and edit ${folder}/${topicsFile}.`] : []),
    ...changes(was.headers, is.headers, was.direction).map(({ path, what }) => `The topic ${was.name}: the header ${path} ${what}; readers rely on it: put it back as it was.`),
  ];
}
