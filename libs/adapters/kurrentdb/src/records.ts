import { type EventMetadata, type EventText, type Position, START, type StoredEvent } from '@kendt/eventsourcing';
import type { AllStreamResolvedEvent, JSONEventData, Position as LogPosition, ResolvedEvent } from '@kurrent/kurrentdb-client';

/** The content of a record: `personal` is its own field, so that it never mixes with `data`. */
interface Body {
  readonly data: object;
  readonly personal?: NonNullable<StoredEvent['personal']>;
}

/** A record as several streams at once take it: JSON, its metadata flat strings. */
export const toRecord = ({ id, type, data, personal, metadata }: EventText): JSONEventData => ({
  id,
  type,
  contentType: 'application/json',
  data: { data: JSON.parse(data) as object, ...(personal !== null && { personal: JSON.parse(personal) as object }) },
  metadata: JSON.parse(metadata) as Record<string, string>,
});

/** Undefined for what Kendt did not write: links, and records of other programs. */
export const toStored = ({ event, link }: ResolvedEvent | AllStreamResolvedEvent): StoredEvent | undefined => {
  if (!event || link || !event.isJson || event.type.startsWith('$') || !event.position) return undefined;
  const { data, personal } = event.data as Partial<Body>;
  const metadata = metadataOf(event.metadata);
  if (!data || !metadata) return undefined;
  return {
    id: event.id,
    type: event.type,
    data,
    ...(personal && { personal }),
    metadata,
    stream: event.streamId,
    revision: Number(event.revision),
    position: toPosition(event.position),
  };
};

/** The server adds entries of its own, which begin with `$`. */
const metadataOf = (metadata: unknown): EventMetadata | undefined => {
  if (!metadata || typeof metadata !== 'object' || !('commandId' in metadata)) return undefined;
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith('$'))) as unknown as EventMetadata;
};

/**
 * The commit position alone, as wide as an unsigned 64-bit integer: of what was not written in an explicit transaction (which gRPC does not
 * have) commit and prepare are the same, and a checkpoint's prepare position may be 0.
 */
export const toPosition = ({ commit }: LogPosition): Position => String(commit).padStart(20, '0');

/** Exclusive, as subscriptions take it. */
export const fromPosition = (position: Position): LogPosition | 'start' =>
  position === START ? 'start' : { commit: BigInt(position), prepare: BigInt(position) };

/** As a regular expression for the server. What begins with `$` is the server's own; a dot before the first `-` marks ours. */
export const streamFilter = (categories: readonly string[]): string => (categories.length === 0 ? '^[a-z]+-' : `^(${categories.join('|')})-`);
