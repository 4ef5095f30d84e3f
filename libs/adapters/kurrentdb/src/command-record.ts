import { deterministicId, type EventText, randomId, type StreamText } from '@kendt/eventsourcing';
import type { AppendStreamRequest } from '@kurrent/kurrentdb-client';

/** Where an append has put events. `first` is null when it did not know the revision: the stream was appended to wherever it stood. */
export interface Place {
  readonly stream: string;
  readonly first: number | null;
  readonly count: number;
}

/** A revision of a command's own stream. */
export type CommandRevision = bigint | 'no_stream';

const safe = /^[A-Za-z0-9_.-]{1,128}$/;

/** Not a name that Kendt's streams may have, so that no category and no subscription ever holds one. */
export const commandStream = (commandId: string): string => `kendt.commands-${safe.test(commandId) ? commandId : deterministicId('command', commandId)}`;

export const commandIdOf = (event: EventText): string => (JSON.parse(event.metadata) as { commandId: string }).commandId;

/** Each command of an append once; nearly always there is one. */
export const commandsOf = (texts: readonly StreamText[]): string[] => [...new Set(texts.flatMap(({ events }) => events.map(commandIdOf)))];

/**
 * KurrentDB knows an event's id again only in the same stream at the same expected revision, and `any` only for a while. So every append
 * also writes, in the same transaction, a record to a stream of its command, at an exact revision: a retry, in whatever shape, meets it, and
 * learns from it where the events are. Event ids are made from the id of their command, so the same event has the same command.
 */
export const commandRecords = (texts: readonly StreamText[], revisions: ReadonlyMap<string, CommandRevision>): AppendStreamRequest[] =>
  commandsOf(texts).map((commandId) => ({
    streamName: commandStream(commandId),
    expectedState: revisions.get(commandId) ?? 'no_stream',
    events: [{ id: randomId(), type: 'CommandAppended', contentType: 'application/json', data: { places: placesOf(texts, commandId) }, metadata: { commandId } }],
  }));

const placesOf = (texts: readonly StreamText[], commandId: string): Place[] =>
  texts
    .filter(({ events }) => events.some((event) => commandIdOf(event) === commandId))
    .map(({ stream, expected, events }) => ({ stream, first: firstRevision(expected), count: events.length }));

const firstRevision = (expected: StreamText['expected']): number | null => {
  if (expected === 'any') return null;
  return expected === 'none' ? 0 : expected + 1;
};
