// No change to a published message breaks whoever reads or writes it: today's schemas and topics are compared with those in
// libs/contracts/published, and the golden messages with their hashes. First proves on small examples that a breach is seen, each
// with the words that say what to do.
import { z } from 'zod';
import { jsonSchemaOf } from '@kendt/contracts';
import { hashOf, readSamples, readSums } from './golden-files.mjs';
import { checkMessages, contractFiles, folder, golden, publishedContract, todaysContract } from './published-messages.mjs';

const Size = z.object({ width: z.int().min(1).max(100), depth: z.int().optional() });
const shape = { customerId: z.string(), size: Size, how: z.enum(['land', 'sea']), stops: z.array(z.string()), note: z.string().max(200).optional() };
const kinds = (...more) => z.discriminatedUnion('end', [z.strictObject({ end: z.literal('lost') }), z.strictObject({ end: z.literal('home'), at: z.string() }), ...more]);
const headers = { ce_id: z.string(), ce_time: z.string().optional() };

/** What a small installation promises; `change` makes of it what somebody has written today. */
const contract = (change = {}) => {
  const out = { name: 'parcels.v1', id: 'parcels', direction: 'out', writer: 'kendt', cleanup: 'delete', types: { 'parcel.sent.v1': z.object({ ...shape, ...change.sent }) } };
  const into = { name: 'answers.{system}.v1', id: 'answers', direction: 'in', writer: '{system}', cleanup: 'delete', types: { 'parcel.asked.v1': z.strictObject({ ...shape, size: z.strictObject(Size.shape), ...change.asked }), 'parcel.ended.v1': change.ended ?? kinds() } };
  const topics = [{ ...out, ...change.out }, { ...into, ...change.into }].filter(({ name }) => name);
  const full = topics.map(({ types, ...topic }) => ({ key: 'customerId', partitions: 6, retentionMs: 7 * 86_400_000, tombstones: false, headers: z.object(headers), ...topic, messages: types }));
  const schemas = Object.assign({}, ...full.map(({ messages }) => messages));
  return todaysContract(full, (type) => jsonSchemaOf(without(schemas[type])));
};

/** `undefined` in a change takes the field away. */
const without = (schema) => {
  if (!(schema instanceof z.ZodObject)) return schema;
  const gone = Object.keys(schema.shape).filter((name) => schema.shape[name] === undefined);
  const { catchall } = schema.def;
  const kept = z.object(Object.fromEntries(Object.entries(schema.shape).filter(([name]) => !gone.includes(name))));
  return catchall ? kept.strict() : kept;
};

const before = contract();
const sample = '{"type":"parcel.sent.v1"}';
const kept = { samples: { 'parcel.sent.v1.json': sample }, sums: { 'parcel.sent.v1.json': hashOf(sample) } };
const given = (change, files = {}) => ({ published: before, today: contract(change), ...kept, ...files });
const sent = (fields) => given({ sent: fields });
const asked = (fields) => given({ asked: fields });
const parcels = (topic) => given({ out: topic });
const answers = (topic) => given({ into: topic });

const breaches = [
  ['a field was removed', sent({ how: undefined }), /^parcel\.sent\.v1: how was removed; subscribers rely on it: put it back as it was, or add parcel\.sent\.v2 beside it\.$/],
  ['an optional field was removed', sent({ note: undefined }), /note was removed/],
  ['a field was renamed', sent({ how: undefined, by: shape.how }), /^parcel\.sent\.v1: how was renamed to by; /],
  ['a field inside was renamed', sent({ size: z.object({ wide: z.int().min(1).max(100), depth: z.int().optional() }) }), /size\.width was renamed to wide/],
  ['a required field was added', sent({ weight: z.int() }), /weight is new and required, but messages that were written before/],
  ['a field got another type', sent({ note: z.int().optional() }), /note was of type string, is of type integer/],
  ['a list became a text', sent({ stops: z.string() }), /stops was of type array/],
  ['the entries of a list got another type', sent({ stops: z.array(z.int()) }), /stops\[\] was of type string/],
  ['a word was taken from a field', sent({ how: z.enum(['land']) }), /how is never "sea" any more/],
  ['a word was added, which readers do not know', sent({ how: z.enum(['land', 'sea', 'air']) }), /how can be "air" now, which readers do not know/],
  ['a field takes any word now', sent({ how: z.string() }), /how can be anything now/],
  ['a text may be longer', sent({ note: z.string().max(500).optional() }), /note had the maxLength 200, has 500/],
  ['a text may only be shorter', sent({ note: z.string().max(20).optional() }), /note had the maxLength 200, has 20/],
  ['a number may be as large as it likes', sent({ size: z.object({ width: z.int().min(1), depth: z.int().optional() }) }), /size\.width had the maximum 100/],
  ['a text has a pattern', sent({ stops: z.array(z.string().regex(/^a/)) }), /stops\[\] has a pattern now/],
  ['a field takes one word only', sent({ note: z.enum(['a']).optional() }), /note takes nothing but "a" any more/],
  ['a field became optional', sent({ stops: shape.stops.optional() }), /stops was always there, is optional now/],
  ['an optional field became required', sent({ note: z.string().max(200) }), /note is required now, but messages that were written before/],
  ['an object was closed', sent({ size: z.strictObject(Size.shape) }), /size does not take unknown fields any more/],
  ['a new message takes no fields that come later', given({ out: { types: { 'parcel.sent.v1': z.object(shape), 'parcel.lost.v1': z.strictObject({ customerId: z.string() }) } } }), /parcel\.lost\.v1: the message takes no fields that are added later/],
  ['a message was taken away', given({ out: { types: {} } }), /^parcel\.sent\.v1 is gone; .*: bring it back/],
  ['a message moved to another topic', given({ out: { types: {} }, into: { types: { 'parcel.sent.v1': z.object(shape), 'parcel.asked.v1': z.strictObject({ ...shape, size: z.strictObject(Size.shape) }), 'parcel.ended.v1': kinds() } } }), /parcel\.sent\.v1 is no longer on the topic parcels\.v1/],
  ['what comes in needs a new field', asked({ weight: z.int() }), /^parcel\.asked\.v1: weight is new and required, but systems that run today do not send it; systems that send it would be refused: /],
  ['what comes in needs a field that was optional', asked({ note: z.string().max(200) }), /note is required now, but systems that run today may leave it out/],
  ['what comes in may not have a field any more', asked({ note: undefined }), /note was removed/],
  ['what comes in may only be shorter', asked({ note: z.string().max(20).optional() }), /note had the maxLength 200, has 20/],
  ['what comes in has a pattern', asked({ note: z.string().max(200).regex(/^a/).optional() }), /note has a pattern now/],
  ['what comes in may not have a word any more', asked({ how: z.enum(['sea']) }), /how does not take "land" any more/],
  ['what comes in takes only these words', asked({ note: z.enum(['a']).optional() }), /note takes nothing but "a" any more/],
  ['what comes in needs more entries', asked({ stops: z.array(z.string()).min(1) }), /stops has a minItems now: 1/],
  ['a number that comes in must be larger', asked({ size: z.strictObject({ ...Size.shape, width: z.int().min(5).max(100) }) }), /size\.width had the minimum 1, has 5/],
  ['what comes in is of another type', asked({ how: z.int() }), /how was of type string, is of type integer/],
  ['a number that comes in must be whole', given({}, { published: contract({ asked: { note: z.number() } }), today: contract({ asked: { note: z.int() } }) }), /note was of type number, is of type integer/],
  ['one of several forms of what comes in was taken away', given({ ended: z.discriminatedUnion('end', [z.strictObject({ end: z.literal('lost') })]) }), /parcel\.ended\.v1: the message does not take end home any more/],
  ['one of several forms of what comes in needs a new field', given({ ended: z.discriminatedUnion('end', [z.strictObject({ end: z.literal('lost'), why: z.string() }), z.strictObject({ end: z.literal('home'), at: z.string() })]) }), /parcel\.ended\.v1: why is new and required/],
  ['a topic got another name', parcels({ name: 'parcel.v1' }), /^The topic parcels\.v1 is called parcel\.v1 now; .*call it parcels\.v1 again/],
  ['a topic was taken away', parcels({ name: undefined }), /^The topic parcels\.v1 is gone/],
  ['a topic got another key', parcels({ key: 'size' }), /parcels\.v1 has the key size now, had customerId/],
  ['a topic is compacted now', parcels({ cleanup: 'compact' }), /parcels\.v1 is kept by compact now, was by delete/],
  ['a topic got more partitions', parcels({ partitions: 12 }), /has 12 partitions now, had 6; keys move/],
  ['a topic is kept for less long', parcels({ retentionMs: 86_400_000 }), /is kept for 1 days now, was for 7/],
  ['a topic has tombstones now', parcels({ tombstones: true }), /has tombstones now/],
  ['a topic is written by somebody else', answers({ writer: 'kendt' }), /is written by kendt now, was by \{system\}/],
  ['a topic goes the other way', answers({ direction: 'out' }), /goes out now, went in/],
  ['a header was removed', parcels({ headers: z.object({ ce_id: headers.ce_id }) }), /parcels\.v1: the header ce_time was removed; readers rely on it/],
  ['a header is needed of those who write', answers({ headers: z.object({ ...headers, ce_source: z.string() }) }), /the header ce_source is new and required/],
  ['a golden message was edited', given({}, { sums: { 'parcel.sent.v1.json': hashOf('before') } }), /parcel\.sent\.v1\.json was changed.*add a sample beside it/],
  ['a golden message was removed', given({}, { samples: {} }), /parcel\.sent\.v1\.json is gone\. Such messages lie on topics/],
  ['a golden message is not listed', given({}, { sums: {} }), /not in SHA256SUMS yet: npm run docs/],
];

const honest = [
  ['nothing has changed', given({})],
  ['an optional field was added', sent({ weight: z.int().optional() })],
  ['an optional field was added inside', sent({ size: z.object({ ...Size.shape, height: z.int().optional() }) })],
  ['a field is described', sent({ note: shape.note.meta({ title: 'Note', description: 'For people.', examples: ['Mind the step'] }) })],
  ['a type has a name', sent({ size: Size.meta({ id: 'Size' }) })],
  ['a new message', given({ out: { types: { 'parcel.sent.v1': z.object(shape), 'parcel.lost.v1': z.object({ customerId: z.string() }) } } })],
  ['what comes in may have a new field', asked({ weight: z.int().optional() })],
  ['what comes in may leave out a field', asked({ stops: shape.stops.optional() })],
  ['what comes in may be longer', asked({ note: z.string().max(500).optional() })],
  ['what comes in may have one word more', asked({ how: z.enum(['sea', 'air', 'land']) })],
  ['what comes in may be any word', asked({ how: z.string() })],
  ['a number that comes in may be a fraction', given({}, { published: contract({ asked: { note: z.int() } }), today: contract({ asked: { note: z.number() } }) })],
  ['what comes in may have one form more', given({ ended: kinds(z.strictObject({ end: z.literal('sunk') })) })],
  ['what comes in may have fields that nobody knows', asked({ size: Size })],
  ['a topic is kept for longer', parcels({ retentionMs: 30 * 86_400_000 })],
  ['a header is sent besides', parcels({ headers: z.object({ ...headers, ce_lane: z.string().optional() }) })],
];

const complaints = [];
const heard = (words) => (words.length > 0 ? ` (heard: ${words.join(' ')})` : '');
for (const [what, situation, words] of breaches) {
  const wrong = checkMessages(situation);
  if (!wrong.some((sentence) => words.test(sentence))) complaints.push(`Not caught: ${what}${heard(wrong)}`);
}
for (const [what, situation] of honest) {
  const wrong = checkMessages(situation);
  if (wrong.length > 0) complaints.push(`Wrongly caught: ${what}${heard(wrong)}`);
}

// `npm run docs` writes what is allowed, and leaves a promise that was broken as it was.
const renamed = contract({ sent: { how: undefined, by: shape.how, weight: z.int().optional() }, asked: { weight: z.int().optional() } });
const written = Object.values(contractFiles(before, renamed)).map((text) => JSON.parse(text));
const propertiesOf = (name) => written.find(({ properties }) => properties && name in properties) !== undefined;
if (propertiesOf('by')) complaints.push('A broken promise was written over');
if (!propertiesOf('weight')) complaints.push('An allowed change was not written');

const published = publishedContract();
const today = todaysContract();
complaints.push(...checkMessages({ published, today, samples: readSamples(golden), sums: readSums(golden) }));

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(published.messages).length} published messages on ${Object.keys(published.topics).length} topics (${folder}) hold; ${breaches.length} breaches caught, ${honest.length} honest changes let through.`);
