/**
 * Where reading begins. `time`: ISO 8601, the first message that the topic took at or after it. `offsets`: by partition, the
 * next message to be read; a partition that is not named stays where it is, which is the start for who has never read.
 */
export type From = 'start' | 'end' | { readonly time: string } | { readonly offsets: Readonly<Record<number, string>> };

export interface ConsumeControl {
  /** Nothing more is handed over until {@link resume}; the member stays in its group, and what is in hand is finished. */
  pause(): void;
  resume(): void;
}

export interface TopicLag {
  readonly topic: string;
  /** Not handled yet. */
  readonly messages: number;
}

/** Where a group goes on can be changed only while no member of it consumes. */
export class GroupIsConsuming extends Error {
  override readonly name = 'GroupIsConsuming';
  readonly code = 'GROUP_IS_CONSUMING';

  constructor(readonly group: string) {
    super(`The group ${group} is consuming: stop its members first`);
  }
}

/** Since 1970. @throws Error when it is no time. */
export const millisecondsOf = (time: string): number => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new Error(`${time} is no time: give it like 2026-03-01T09:30:00Z`);
  return ms;
};
