import { describe, expect, it } from '@jest/globals';
import { deterministicId, type StoredEvent } from '@kendt/eventsourcing';
import { AppendBook } from './append.book.js';
import { compareRows, type Row } from './append.checker.js';
import { type AppendFact, digestOf } from './append.facts.js';

const event = (key: string, index: number, stream: string, revision: number, position: number, words = ''): StoredEvent => ({
  id: deterministicId(key, String(index)), type: 'WordSaid', data: { key, index, words }, stream, revision, position: String(position).padStart(4, '0'),
  metadata: { commandId: key, correlationId: key, causationId: key, actorKind: 'system', actorId: 'chaos', recordedAt: '', schemaVersion: '1' },
});

// `a` wrote to two streams, then `b` to one of them.
const a = [event('1.0.a.0', 0, 'own-a', 0, 1), event('1.0.a.0', 1, 'shared-0', 0, 2)];
const b = [event('1.0.b.0', 0, 'shared-0', 1, 3)];
const tried = (key: string, streams: Extract<AppendFact, { is: 'attempt' }>['streams'], events: StoredEvent[]): AppendFact =>
  ({ is: 'attempt', life: 1, process: 0, key, streams, digest: digestOf(events.map((one) => ({ stream: one.stream, events: [one] }))) });
const said = (is: 'acknowledged' | 'refused', key: string, more: object): AppendFact => ({ is, key, life: 1, process: 0, ...more }) as AppendFact;

const attempts = [tried('1.0.a.0', [['own-a', 'none', 1], ['shared-0', 'none', 1]], a), tried('1.0.b.0', [['shared-0', 0, 1]], b)];
const answers = [said('acknowledged', '1.0.a.0', { position: '0002' }), said('acknowledged', '1.0.b.0', { position: '0003' })];

const complaints = (facts: AppendFact[], events: StoredEvent[]): readonly string[] => {
  const book = new AppendBook();
  for (const fact of facts) book.said(fact);
  for (const one of events) book.found(one);
  return book.close();
};

const rows = (events: readonly StoredEvent[]): Row[] => events.map(({ position, revision }) => ({ position: Number(position), revision }));
const compared = async (inFile: readonly Row[], events: readonly StoredEvent[]) => (await compareRows(inFile.values(), asRead(events), () => undefined)).complaints;
async function* asRead(events: readonly StoredEvent[]): AsyncGenerator<StoredEvent> {
  yield* events;
}

describe('the checker of appends', () => {
  it('has nothing to say when all is well, with an answer or without', async () => {
    expect(complaints([...attempts, ...answers], [...a, ...b])).toEqual([]);
    expect(complaints([...attempts, answers[0]!], [...a, ...b])).toEqual([]);
    expect(complaints([...attempts, answers[0]!], a)).toEqual([]);
    expect(complaints([...attempts, answers[0]!, said('refused', '1.0.b.0', { why: 'CONFLICT' })], a)).toEqual([]);
    expect(await compared(rows([...a, ...b]), [...a, ...b])).toEqual([]);
  });

  it.each<[string, AppendFact[], StoredEvent[], RegExp]>([
    ['acknowledged and missing', [...attempts, ...answers], a, /^1\.0\.b\.0 was acknowledged and is missing/],
    ['refused and there', [...attempts, answers[0]!, said('refused', '1.0.b.0', { why: 'CONFLICT' })], [...a, ...b], /^1\.0\.b\.0 was refused and is there/],
    ['too busy and there', [...attempts, answers[0]!, said('refused', '1.0.b.0', { why: 'STORE_BUSY' })], [...a, ...b], /^1\.0\.b\.0 was refused and is there/],
    ['acknowledged, then refused', [...attempts, ...answers, said('refused', '1.0.b.0', { why: 'CONFLICT' })], [...a, ...b], /acknowledged once and refused once/],
    ['torn', [...attempts, ...answers], [a[0]!, ...b], /^1\.0\.a\.0 is there in part: 1 of 2/],
    ['doubled', [...attempts, ...answers], [...a, ...b, event('1.0.b.0', 0, 'shared-0', 2, 4)], /^1\.0\.b\.0 is there more than once/],
    ['changed', [...attempts, ...answers], [...a, event('1.0.b.0', 0, 'shared-0', 1, 3, 'altered')], /^1\.0\.b\.0 is not what was given/],
    ['somewhere else', [...attempts, answers[0]!, said('acknowledged', '1.0.b.0', { position: '0009' })], [...a, ...b], /acknowledged at "0009" and is at 0003/],
    ['where something has come between', [...attempts, ...answers], [...a, event('1.0.b.0', 0, 'shared-0', 2, 3)], /expected shared-0 at 0 and begins there at revision 2/],
    ['from nowhere', [...attempts, ...answers], [...a, ...b, event('1.0.c.0', 0, 'own-c', 0, 4)], /^1\.0\.c\.0 is there, but nobody tried it/],
    ['acknowledged at two places', [...attempts, ...answers, attempts[1]!, said('acknowledged', '1.0.b.0', { position: '0004' })], [...a, ...b], /acknowledged at "0003" and at "0004"/],
    ['forged', [...attempts, ...answers, { is: 'forgery-acknowledged', key: '1.0.b.0', life: 1, process: 0 }], [...a, ...b], /same ids were not refused/],
  ])('sees an append that is %s', (_what, facts, events, words) => {
    expect(complaints(facts, events).join('\n')).toMatch(words);
  });

  it('sees a caller that was answered out of order', () => {
    const [first, second] = [[event('1.0.a.0', 0, 'own-a', 1, 2)], [event('1.0.a.1', 0, 'own-a', 0, 1)]];
    const facts = [tried('1.0.a.0', [['own-a', 'any', 1]], first), said('acknowledged', '1.0.a.0', { position: '0002' }), tried('1.0.a.1', [['own-a', 'any', 1]], second), said('acknowledged', '1.0.a.1', { position: '0001' })];
    expect(complaints(facts, [...second, ...first])).toEqual(['1.0.a was answered out of order']);
  });

  it.each<[string, Row[], StoredEvent[], RegExp]>([
    ['a row that no reader gets', rows([...a, ...b]), a, /an event that no reader gets/],
    ['an event that is in no row', rows(a), [...a, ...b], /A reader gets 0003, which the file does not have/],
    ['a gap in a stream', rows([...a, event('1.0.b.0', 0, 'shared-0', 2, 3)]), [...a, event('1.0.b.0', 0, 'shared-0', 2, 3)], /shared-0 has revision 2 after 0/],
    ['positions that do not rise', rows([a[1]!, a[0]!]), [a[1]!, a[0]!], /0001 does not come after 0002/],
    ['a reader that is shown another order', rows([...a, ...b]), [a[0]!, b[0]!, a[1]!], /reader gets 0003 where the file has 2/],
  ])('sees %s', async (_what, inFile, events, words) => {
    expect((await compared(inFile, events)).join('\n')).toMatch(words);
  });
});
