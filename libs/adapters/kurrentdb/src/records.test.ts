import { describe, expect, it } from '@jest/globals';
import { START } from '@kendt/eventsourcing';
import { commandStream } from './command-record.js';
import { fromPosition, streamFilter, toPosition, toRecord, toStored } from './records.js';

const metadata = { commandId: 'c', recordedAt: '2026-03-01T09:00:00.000Z' };

// A resolved event as dist/utils/convertGrpcEvent and dist/utils/convertRustEvent of @kurrent/kurrentdb-client 1.3.1 make it.
const recorded = {
  streamId: 'word-a', id: '6b6e1d6e-0000-5000-8000-000000000001', type: 'WordSaid', revision: 7n, isJson: true, created: new Date(0),
  data: { data: { word: 'hello' } }, metadata: { ...metadata, $schema: 'Json' }, position: { commit: 4711n, prepare: 4711n },
} as const;

describe('a record', () => {
  it('keeps personal data beside the rest, and metadata as flat strings', () => {
    const text = { id: 'i', type: 'WordSaid', data: '{"word":"hello"}', personal: '{"contact":{"sealed":"b25l"}}', metadata: JSON.stringify(metadata) };
    expect(toRecord(text)).toEqual({
      id: 'i', type: 'WordSaid', contentType: 'application/json', data: { data: { word: 'hello' }, personal: { contact: { sealed: 'b25l' } } }, metadata,
    });
    expect(toRecord({ ...text, personal: null }).data).toEqual({ data: { word: 'hello' } });
  });

  it('becomes a stored event, without what the server adds to its metadata', () => {
    expect(toStored({ event: recorded })).toEqual({
      id: recorded.id, type: 'WordSaid', data: { word: 'hello' }, metadata, stream: 'word-a', revision: 7, position: '00000000000000004711',
    });
    expect(toStored({ event: { ...recorded, data: { data: {}, personal: { contact: {} } } } })).toMatchObject({ personal: { contact: {} } });
  });

  it.each([
    ['nothing behind a link', {}],
    ['a link', { event: recorded, link: recorded }],
    ['bytes', { event: { ...recorded, isJson: false as const, data: new Uint8Array() } }],
    ['the server\'s own', { event: { ...recorded, type: '$metadata' } }],
    ['another program\'s', { event: { ...recorded, metadata: { some: 'thing' } } }],
    ['another program\'s, without metadata', { event: { ...recorded, metadata: undefined } }],
    ['data of another form', { event: { ...recorded, data: {} } }],
    ['text that is no JSON', { event: { ...recorded, data: 'text' } }],
  ])('%s is not Kendt\'s', (_, resolved) => expect(toStored(resolved as Parameters<typeof toStored>[0])).toBeUndefined());
});

describe('a position', () => {
  it('compares as a string as it does as a number', () => {
    const positions = [0n, 9n, 10n, 4711n, 2n ** 64n - 1n].map((commit) => toPosition({ commit, prepare: 0n }));
    expect([START, ...positions]).toEqual([START, ...positions].sort());
    expect(new Set(positions.map((position) => position.length)).size).toBe(1);
  });

  it('goes back to the server as the place of an event', () => {
    expect(fromPosition(START)).toBe('start');
    expect(fromPosition(toPosition({ commit: 4711n, prepare: 0n }))).toEqual({ commit: 4711n, prepare: 4711n });
  });
});

describe('the filter of streams', () => {
  const takes = (categories: string[], stream: string): boolean => new RegExp(streamFilter(categories)).test(stream);

  it('takes the categories that were asked for, whole', () => {
    expect(takes(['word', 'claim'], 'word-a')).toBe(true);
    expect(takes(['word', 'claim'], 'claim-a-b')).toBe(true);
    expect(takes(['word'], 'words-a')).toBe(false);
    expect(takes(['word'], 'my-word-a')).toBe(false);
  });

  it('takes without categories every stream of Kendt, and neither the server\'s nor the adapter\'s own', () => {
    expect(takes([], 'word-a')).toBe(true);
    expect(takes([], '$ce-word')).toBe(false);
    expect(takes([], '$$word-a')).toBe(false);
    expect(takes([], commandStream('c'))).toBe(false);
  });
});
