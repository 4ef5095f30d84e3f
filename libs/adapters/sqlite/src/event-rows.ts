import { type EventText, type Position, START, type StoredEvent } from '@kendt/eventsourcing';

export interface EventRow extends EventText {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
}

export const toPosition = (position: number): Position => (position === 0 ? START : String(position).padStart(16, '0'));

/** @throws SyntaxError when what stands there is not what was written. */
export const toStored = ({ position, stream, revision, id, type, data, personal, metadata }: EventRow): StoredEvent => {
  const event = { id, type, data: JSON.parse(data) as object, metadata: JSON.parse(metadata) as StoredEvent['metadata'], stream, revision, position: toPosition(position) };
  return personal === null ? event : { ...event, personal: JSON.parse(personal) as NonNullable<StoredEvent['personal']> };
};
