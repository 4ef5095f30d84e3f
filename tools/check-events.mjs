// Every event that was ever written can be read today: the golden samples agree with the types of libs/domain, through the
// upcasters. First proves on small examples that a breach is seen, each with the words that say what to do.
import { upcasters } from '@kendt/domain';
import { aggregatesOf, domainAggregates } from './event-shapes.mjs';
import { checkEvents, folder } from './golden-events.mjs';
import { hashOf, readSamples, readSums } from './golden-files.mjs';

const source = (events) => `
  type Event<T extends string, D extends object, P extends object = never> = [P] extends [never]
    ? { readonly type: T; readonly data: Readonly<D> }
    : { readonly type: T; readonly data: Readonly<D>; readonly personal: { readonly [G in keyof P]: Readonly<P[G]> | 'erased' } };
  interface Size { readonly width: number; readonly depth?: number }
  export type ParcelEvent = ${events};
  export const parcelStream = (parcelId: string): string => \`parcel-\${parcelId}\`;
`;
const sent = (fields, personal = '{ contact: { to: string } }') => `Event<'ParcelSent', { ${fields} }, ${personal}>`;
const fields = `size: Size; how: 'land' | 'sea'; stops: readonly string[]; sentAt: string`;
const json = (event) => JSON.stringify(event);
const data = { size: { width: 3 }, how: 'sea', stops: ['Aarhus'], sentAt: '2026-03-01T12:00:00.000Z' };
const v1 = json({ type: 'ParcelSent', data, personal: { contact: { to: 'Ida' } } });

const given = (events, samples = {}, more = {}) => {
  const all = { 'ParcelSent.v1.json': v1, ...samples };
  for (const [file, text] of Object.entries(all)) if (text === undefined) delete all[file];
  const sums = Object.fromEntries(Object.entries(all).map(([file, text]) => [file, hashOf(text)]));
  return { aggregates: aggregatesOf(source(events)), upcasters: {}, samples: all, sums, ...more };
};

const v2 = json({ type: 'ParcelSent', data: { ...data, weight: 0 }, personal: { contact: { to: 'Ida' } } });
const withWeight = { ParcelSent: [{ data: (before) => ({ ...before, weight: 0 }) }] };
const renamed = { ParcelSent: [{ data: ({ how, ...rest }) => ({ ...rest, by: how }) }] };
const renamedV2 = v2.replace('"how"', '"by"').replace(',"weight":0', '');

const breaches = [
  ['a field was removed', given(sent(`size: Size; stops: readonly string[]; sentAt: string`)), /ParcelSent\.v1\.json: it has data\.how, which today's type does not have\. .*put them back.*CONTRIBUTING/],
  ['a field was renamed', given(sent(fields.replace('how', 'by'))), /today's type needs data\.by/],
  ['a field inside was renamed', given(sent(`size: { wide: number }; how: 'sea'; stops: string[]; sentAt: string`)), /it has data\.size\.width/],
  ['a personal field was renamed', given(sent(fields, '{ contact: { addressee: string } }')), /it has personal\.contact\.to/],
  ['a field moved to another group', given(sent(fields, '{ evidence: { to: string } }')), /it has the data group contact/],
  ['a required field was added', given(sent(`${fields}; weight: number`)), /today's type needs data\.weight/],
  ['an optional field became required', given(sent(`size: { width: number; depth: number }; how: 'sea'; stops: string[]; sentAt: string`)), /today's type needs data\.size\.depth/],
  ['a field got another type', given(sent(fields.replace('readonly string[]', 'number'))), /data\.stops is not what today's type says \(number\)/],
  ['a word was taken from a field', given(sent(fields.replace(" | 'sea'", ''))), /data\.how is "sea", which today's type does not allow/],
  ['an event was taken away', given(`Event<'ParcelLost', { lostAt: string }>`), /there is no event ParcelSent any more/],
  ['a new event has no sample', given(`${sent(fields)} | Event<'ParcelLost', { lostAt: string }>`), /no sample of version 1 of ParcelLost: add libs\/domain\/golden\/ParcelLost\.v1\.json/],
  ['a new version has no sample', given(sent(`${fields}; weight: number`), {}, { upcasters: withWeight }), /no sample of version 2 of ParcelSent/],
  ['a step leads elsewhere', given(sent(`${fields}; weight: string`), {}, { upcasters: withWeight }), /ParcelSent\.v1\.json: data\.weight is not what/],
  ['a sample of the first version went when the second came', given(sent(`${fields}; weight: number`), { 'ParcelSent.v1.json': undefined, 'ParcelSent.v2.json': v2 }, { upcasters: withWeight }), /no sample of version 1/],
  ['a sample has a version to which nothing leads', given(sent(fields), { 'ParcelSent.v2.json': v1 }), /no step in upcasters\.ts leads to 2/],
  ['a sample was edited', given(sent(fields), {}, { sums: { 'ParcelSent.v1.json': hashOf('before') } }), /ParcelSent\.v1\.json was changed/],
  ['a sample was removed', given(sent(fields), {}, { sums: { 'ParcelSent.v1.json': hashOf(v1), 'ParcelSent.v1.by-land.json': hashOf('x') } }), /by-land\.json is gone/],
  ['a sample is not listed', given(sent(fields), {}, { sums: {} }), /not in SHA256SUMS yet: npm run docs/],
  ['a sample holds something else', given(sent(fields), { 'ParcelLost.v1.json': v1 }), /ParcelLost\.v1\.json holds a ParcelSent/],
  ['a sample has a name of its own', given(sent(fields), { 'parcel.json': v1 }), /is called <Event>\.v<N>\.json/],
  ['a sample is not JSON', given(sent(fields), { 'ParcelSent.v1.cut.json': v1.slice(1) }), /is not JSON/],
];

const honest = [
  ['nothing has changed', given(sent(fields))],
  ['an optional field was added', given(sent(`${fields}; weight?: number`)), /No sample shows the optional data\.weight/],
  ['a word was added to a field', given(sent(fields.replace("'sea'", "'sea' | 'air'")))],
  ['a field was renamed, with a step and both samples', given(sent(fields.replace('how', 'by')), { 'ParcelSent.v2.json': renamedV2 }, { upcasters: renamed })],
  ['a required field was added, with a step and both samples', given(sent(`${fields}; weight: number`), { 'ParcelSent.v2.json': v2 }, { upcasters: withWeight })],
  ['there is another sample of the same version', given(sent(fields), { 'ParcelSent.v1.by-land.json': v1.replace('sea', 'land') })],
];

const complaints = [];
for (const [what, situation, words] of breaches) {
  const { wrong } = checkEvents(situation);
  if (!wrong.some((sentence) => words.test(sentence))) complaints.push(`Not caught: ${what}${wrong.length > 0 ? ` (heard: ${wrong.join(' ')})` : ''}`);
}
for (const [what, situation, note] of honest) {
  const { wrong, notes } = checkEvents(situation);
  if (wrong.length > 0) complaints.push(`Wrongly caught: ${what} (${wrong.join(' ')})`);
  if (note && !notes.some((sentence) => note.test(sentence))) complaints.push(`No word about it: ${what}`);
}

const aggregates = domainAggregates();
const samples = readSamples(folder);
const { wrong, notes } = checkEvents({ aggregates, upcasters, samples, sums: readSums(folder) });
complaints.push(...wrong);

for (const note of notes) console.log(note);
for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(samples).length} golden samples of ${aggregates.flatMap(({ events }) => events).length} events are read today; ${breaches.length} breaches caught, ${honest.length} honest changes let through.`);
