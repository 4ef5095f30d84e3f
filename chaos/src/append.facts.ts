import { createHash } from 'node:crypto';
import type { ExpectedRevision, NewEvent, StreamAppend } from '@kendt/eventsourcing';
import type { Fact } from './scenario.js';

/** What the children of `append` say. A key names one append, whoever tries it and how often. */
export type AppendFact = { readonly life: number; readonly process: number } & (
  | {
      readonly is: 'attempt';
      readonly key: string;
      /** Does one thing after the other, each when the one before is answered. */
      readonly caller: string;
      readonly streams: readonly (readonly [stream: string, expected: ExpectedRevision, events: number])[];
      /** Of everything that would be written, see {@link digestOf}. */
      readonly digest: string;
    }
  /** The same ids with another content: never written, always refused. */
  | { readonly is: 'forgery'; readonly key: string }
  | { readonly is: 'acknowledged'; readonly key: string; readonly position: string }
  | { readonly is: 'refused'; readonly key: string; readonly why: string }
  | { readonly is: 'forgery-refused'; readonly key: string; readonly why: string }
  | { readonly is: 'forgery-acknowledged'; readonly key: string }
);

export const appendFacts = (facts: readonly Fact[]): readonly AppendFact[] => facts as unknown as readonly AppendFact[];

/** What an event of this scenario says: the append that it belongs to, and its place in it. */
export interface Word {
  readonly key: string;
  readonly index: number;
  readonly words: string;
}

type Written = readonly (readonly [stream: string, event: Pick<NewEvent, 'id' | 'type' | 'data'>])[];

export const digestOf = (events: Written): string =>
  createHash('sha256').update(JSON.stringify(events.map(([stream, { id, type, data }]) => [stream, id, type, data]))).digest('base64url').slice(0, 16);

export const written = (appends: readonly StreamAppend[]): Written => appends.flatMap(({ stream, events }) => events.map((event) => [stream, event] as const));
