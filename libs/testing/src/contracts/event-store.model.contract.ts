import { describe, expect, it } from '@jest/globals';
import { type EventStore, MemoryEventStore, type NewEvent, readAll, RevisionConflict, START, type StoredEvent, type StreamAppend } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import fc from 'fast-check';
import { event, eventsAfter, headOf } from './event-store.examples.js';
import type { Subject } from './opened.js';

interface Part {
  readonly stream: number;
  /** Relative to where the stream is: 0 is right. */
  readonly expected: 'none' | 'any' | -1 | 0 | 1;
  readonly words: readonly number[];
}

/** What one of several connections does. Words come from so few that the same ids come again, alone, mixed and with other content. */
type Step =
  | { readonly does: 'append'; readonly on: number; readonly parts: readonly Part[]; readonly altered: boolean }
  | { readonly does: 'retry'; readonly on: number; readonly which: number; readonly altered: boolean }
  | { readonly does: 'read'; readonly on: number; readonly stream: number; readonly direction: 'forwards' | 'backwards'; readonly from: number; readonly limit: number }
  | { readonly does: 'follow'; readonly on: number; readonly after: number };

const [streams, wordCount, connections] = [2, 30, 3];
const on = fc.nat({ max: connections - 1 });
const stream = fc.nat({ max: streams - 1 });

const part: fc.Arbitrary<Part> = fc.record({
  stream,
  expected: fc.oneof({ weight: 6, arbitrary: fc.constant(0 as const) }, fc.constantFrom('none' as const, 'any' as const, -1 as const, 1 as const)),
  words: fc.uniqueArray(fc.nat({ max: wordCount - 1 }), { minLength: 1, maxLength: 3 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('append' as const), on, parts: fc.array(part, { minLength: 1, maxLength: 3 }), altered: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('retry' as const), on, which: fc.nat({ max: 9 }), altered: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('read' as const), on, stream, direction: fc.constantFrom('forwards' as const, 'backwards' as const), from: fc.nat({ max: 6 }), limit: fc.nat({ max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('follow' as const), on, after: fc.nat({ max: 12 }) }) },
);

/** Names that no other run has used: one store serves them all. */
class Names {
  constructor(private readonly run: string) {}

  stream(n: number): string {
    return `word-${this.run}-${n}`;
  }

  event(word: number, altered: boolean): NewEvent {
    return event(`${this.run} ${word}`, altered ? { data: { word: 'other' } } : {});
  }

  append(parts: readonly Part[], altered: boolean, revisionOf: (stream: string) => number): StreamAppend[] {
    const apart = parts.filter(({ stream }, n) => parts.findIndex((other) => other.stream === stream) === n);
    const used = new Set<number>();
    return apart.map(({ stream: number, expected, words }) => {
      const name = this.stream(number);
      const at = revisionOf(name) + (typeof expected === 'number' ? expected : 0);
      const fresh = words.filter((word) => !used.has(word) && used.add(word));
      return { stream: name, expected: typeof expected === 'string' ? expected : at < 0 ? 'none' : at, events: fresh.map((word) => this.event(word, altered)) };
    });
  }
}

type Answer = { readonly position: string } | { readonly refused: string };

const answerOf = async (append: Promise<{ position: string }>): Promise<Answer> => {
  try {
    return await append;
  } catch (error) {
    if (error instanceof RevisionConflict) return { refused: `${error.stream} ${error.expected} ${error.actual}` };
    if (error instanceof Refusal) return { refused: error.code };
    throw error;
  }
};

const withoutPosition = ({ position: _, ...event }: StoredEvent): object => event;

/** Two stores that do the same give the same, but each has positions of its own: they must stand in the same order. */
class Twins {
  private readonly model = new MemoryEventStore();
  private readonly pairs = new Map<string, string>();
  private readonly appended: StreamAppend[][] = [];

  constructor(
    private readonly ports: readonly EventStore[],
    private readonly names: Names,
    private readonly start: string,
  ) {
    this.pairs.set(START, start);
  }

  async do(step: Step): Promise<void> {
    switch (step.does) {
      case 'append':
        return this.append(this.port(step.on), await this.appendsOf(step));
      case 'retry': {
        const before = this.appended[step.which % Math.max(1, this.appended.length)];
        return before && this.append(this.port(step.on), step.altered ? before.map((one) => ({ ...one, events: one.events.map((given) => ({ ...given, data: { word: 'other' } })) })) : before);
      }
      case 'read':
        return this.read(this.port(step.on), step);
      case 'follow':
        return this.follow(this.port(step.on), step.after);
    }
  }

  async follow(port: EventStore, skip: number): Promise<void> {
    const expected = await eventsAfter(this.model, START);
    const after = skip === 0 || expected.length === 0 ? START : expected[Math.min(skip, expected.length) - 1]!.position;
    const given = await eventsAfter(port, this.pairs.get(after)!);
    const rest = expected.filter(({ position }) => position > after);
    expect(given.map(withoutPosition)).toEqual(rest.map(withoutPosition));
    rest.forEach(({ position }, n) => this.pair(position, given[n]!.position));
  }

  private port(n: number): EventStore {
    return this.ports[n % this.ports.length]!;
  }

  private async appendsOf({ parts, altered }: Extract<Step, { does: 'append' }>): Promise<StreamAppend[]> {
    const revisions = new Map<string, number>();
    for (let n = 0; n < streams; n++) revisions.set(this.names.stream(n), (await readAll(this.model, this.names.stream(n))).length - 1);
    return this.names.append(parts, altered, (name) => revisions.get(name)!);
  }

  private async append(port: EventStore, appends: StreamAppend[]): Promise<void> {
    this.appended.push(appends);
    const [expected, given] = [await answerOf(this.model.append(appends)), await answerOf(port.append(appends))];
    if ('position' in expected && 'position' in given) {
      await this.follow(port, 0);
      expect(given.position).toBe(this.pairs.get(expected.position));
    } else expect(given).toEqual(expected);
  }

  private async read(port: EventStore, { stream: n, ...options }: Extract<Step, { does: 'read' }>): Promise<void> {
    const [name, { direction, from, limit }] = [this.names.stream(n), options];
    const read = async (store: EventStore): Promise<object[]> => (await readAll(store, name, { direction, from, limit })).map(withoutPosition);
    expect(await read(port)).toEqual(await read(this.model));
  }

  private pair(model: string, given: string): void {
    expect(this.pairs.get(model) ?? given).toBe(given);
    expect(given > this.start).toBe(true);
    this.pairs.set(model, given);
  }
}

let runs = 0;

/** Fewer runs where the disk is slow, and no hour of shrinking; the seed of a failure is printed. */
const patience = { interruptAfterTimeLimit: 5000 };

export const modelClauses = (subject: Subject<EventStore>, durable: boolean): void => {
  describe('whatever is done, in whatever order', () => {
    const portsOf = async (): Promise<EventStore[]> => (durable ? [subject.port, await subject.another(), await subject.another()] : [subject.port]);

    it('answers as its twin in memory does: appends, conflicts, retries and readers on several connections', async () => {
      const ports = await portsOf();
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20, size: 'max' }), async (steps) => {
          const twins = new Twins(ports, new Names(`m${runs++}`), await headOf(subject.port));
          for (const one of steps) await twins.do(one);
          await twins.follow(subject.port, 0);
        }),
        { numRuns: 40, ...patience },
      );
    });

    it('has one history that explains every answer, when all is done at the same time', async () => {
      const ports = await portsOf();
      await fc.assert(
        fc.asyncProperty(fc.array(fc.record({ on, parts: fc.array(part, { minLength: 1, maxLength: 2 }) }), { minLength: 2, maxLength: 20, size: 'max' }), async (asked) => {
          const [names, start] = [new Names(`c${runs++}`), await headOf(subject.port)];
          const appends = asked.map(({ parts }) => names.append(parts, false, () => -1));
          const answers = await Promise.all(appends.map((one, n) => answerOf(ports[asked[n]!.on % ports.length]!.append(one))));
          await mustBeExplained(await eventsAfter(subject.port, start), appends, answers);
        }),
        { numRuns: 25, ...patience },
      );
    });
  });
};

interface Written {
  readonly append: readonly StreamAppend[];
  readonly position: string;
}

const placesOf = ({ append }: Written): string[] => append.flatMap(({ stream, events }) => events.map(({ id }) => `${stream} ${id}`));

/**
 * Done one after the other in the order of the history, the same comes out. Where several could have written what
 * stands there, whoever has most is tried first; those who only came again with some of its ids then change nothing.
 */
const mustBeExplained = async (history: readonly StoredEvent[], appends: readonly StreamAppend[][], answers: readonly Answer[]): Promise<void> => {
  const model = new MemoryEventStore();
  const written = appends.flatMap((append, n): Written[] => ('position' in answers[n]! ? [{ append, position: answers[n].position }] : []));
  const places = history.map(({ stream, id }) => `${stream} ${id}`);
  for (let at = 0, before = -1; at > before; ) {
    before = at;
    const could = written.filter((one) => placesOf(one).every((place, n) => places[at + n] === place)).sort((a, b) => placesOf(b).length - placesOf(a).length);
    for (const { append } of could) if (at === before && 'position' in (await answerOf(model.append(append)))) at = (await eventsAfter(model, START)).length;
  }
  const explained = await eventsAfter(model, START);
  expect(explained.map(withoutPosition)).toEqual(history.map(withoutPosition));
  // Whoever came again was told of the last of its ids that stood there at that moment.
  for (const one of written) expect(placesOf(one)).toContain(places[history.findIndex(({ position }) => position === one.position)]);
};
