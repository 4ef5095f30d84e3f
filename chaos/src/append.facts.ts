import { createHash } from 'node:crypto';
import type { ExpectedRevision, NewEvent } from '@kendt/eventsourcing';
import type { Fact } from './scenario.js';

/** What the children of `append` say. A key names one append, whoever tries it and how often. */
export type AppendFact = { readonly life: number; readonly process: number } & (
  | {
      readonly is: 'attempt';
      /** The caller and a number; a caller does one thing after the other, each when the one before is answered. */
      readonly key: string;
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

export const appendFacts = <F extends Iterable<Fact>>(facts: F): F extends readonly Fact[] ? readonly AppendFact[] : Iterable<AppendFact> =>
  facts as unknown as F extends readonly Fact[] ? readonly AppendFact[] : Iterable<AppendFact>;

/** What an event of this scenario says: the append that it belongs to, and its place in it. */
export interface Word {
  readonly key: string;
  readonly index: number;
  readonly words: string;
}

type Written = Pick<NewEvent, 'id' | 'type' | 'data'>;

/** Of some events in their order: the digest of those before, and one more. */
export const digestWith = (before: string, stream: string, { id, type, data }: Written): string =>
  createHash('sha256').update(JSON.stringify([before, stream, id, type, data])).digest('base64url').slice(0, 16);

export const digestOf = (appends: readonly { readonly stream: string; readonly events: readonly Written[] }[]): string =>
  appends.reduce((before, { stream, events }) => events.reduce((digest, event) => digestWith(digest, stream, event), before), '');
