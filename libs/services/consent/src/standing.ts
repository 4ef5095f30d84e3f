import { type ConsentEvent, consentKey } from '@kendt/domain';
import { type Folding, stateOf, type StoredEvent } from '@kendt/eventsourcing';

/** The last answer to one purpose of one brand, with what a reader wants to know of it. */
export interface Standing {
  /** Also the id of the receipt. */
  readonly eventId: string;
  readonly brandId: string;
  readonly purposeId: string;
  readonly state: 'granted' | 'refused' | 'withdrawn';
  readonly noticeVersion: number;
  readonly language: string;
  readonly channel: string;
  readonly at: string;
}

/** By `consentKey`. */
export type Standings = ReadonlyMap<string, Standing>;

export const standings: Folding<StoredEvent, Standings> = {
  initialState: new Map(),
  evolve: (before, { id, ...event }) => {
    const standing = standingAfter(id, event as unknown as ConsentEvent, before);
    return standing ? new Map(before).set(consentKey(standing.brandId, standing.purposeId), standing) : before;
  },
};

export const standingsOf = (history: readonly StoredEvent[]): Standings => stateOf(standings, history);

const standingAfter = (eventId: string, event: ConsentEvent, before: Standings): Standing | undefined => {
  switch (event.type) {
    case 'ConsentGranted': {
      const { grantedAt: at, ...answer } = event.data;
      return { eventId, state: 'granted', ...answer, at };
    }
    case 'ConsentRefused': {
      const { refusedAt: at, ...answer } = event.data;
      return { eventId, state: 'refused', ...answer, at };
    }
    case 'ConsentWithdrawn': {
      const { withdrawnAt: at, ...withdrawal } = event.data;
      const given = before.get(consentKey(withdrawal.brandId, withdrawal.purposeId));
      return given && { ...given, ...withdrawal, eventId, state: 'withdrawn', at };
    }
    default:
      event satisfies never; // from a later version
      return undefined;
  }
};

/** What had been recorded by then, that moment included. */
export const recordedBy = (history: readonly StoredEvent[], at: string | undefined): readonly StoredEvent[] =>
  at === undefined ? history : history.filter(({ metadata }) => Date.parse(metadata.recordedAt) <= Date.parse(at));

/** As it stood right after the command; now, where the command has written nothing. */
export const recordedWith = (history: readonly StoredEvent[], commandId: string): readonly StoredEvent[] => {
  const last = history.findLastIndex(({ metadata }) => metadata.commandId === commandId);
  return last < 0 ? history : history.slice(0, last + 1);
};
