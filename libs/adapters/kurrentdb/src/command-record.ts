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

/** Where each command of an append puts events; nearly always there is one command. */
export const placesByCommand = (texts: readonly StreamText[]): ReadonlyMap<string, readonly Place[]> => {
  const byCommand = new Map<string, Place[]>();
  for (const { stream, expected, events } of texts)
    for (const commandId of new Set(events.map(commandIdOf))) {
      const places = byCommand.get(commandId) ?? [];
      byCommand.set(commandId, places);
      places.push({ stream, first: firstRevision(expected), count: events.length });
    }
  return byCommand;
};

const commandIdOf = (event: EventText): string => (JSON.parse(event.metadata) as { commandId: string }).commandId;

const firstRevision = (expected: StreamText['expected']): number | null => {
  if (expected === 'any') return null;
  return expected === 'none' ? 0 : expected + 1;
};

/**
 * KurrentDB knows an event's id again only in the same stream at the same expected revision, and `any` only for a while. So every append
 * also writes, in the same transaction, a record to a stream of its command, at an exact revision: a retry, in whatever shape, meets it, and
 * learns from it where the events are. Event ids are made from the id of their command, so the same event has the same command.
 */
export const commandRecords = (
  byCommand: ReadonlyMap<string, readonly Place[]>,
  revisions: ReadonlyMap<string, CommandRevision>,
): AppendStreamRequest[] =>
  [...byCommand].map(([commandId, places]) => ({
    streamName: commandStream(commandId),
    expectedState: revisions.get(commandId) ?? 'no_stream',
    events: [{ id: randomId(), type: 'CommandAppended', contentType: 'application/json', data: { places }, metadata: { commandId } }],
  }));
