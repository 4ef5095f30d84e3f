import type { Command, Decider, Event } from '@kendt/kernel';

/** Somebody of the staff, or a machine on their behalf, has looked. The customer reads this. */
interface Viewing {
  readonly clientId: string;
  readonly staffId?: string;
  readonly role: string;
  readonly reason: string;
  /** Absent: on behalf of the group. */
  readonly brandId?: string;
  readonly fields: readonly string[];
}

export type AccessCommand = Command<'RecordViewing', Viewing>;
export type AccessEvent = Event<'CustomerDataViewed', Viewing & { viewedAt: string }>;
export type Accesses = Record<never, never>;

/** Nothing is ever decided by what was viewed before: every look is one more event. */
export const access: Decider<AccessCommand, AccessEvent, Accesses> = {
  initialState: {},
  decide: (command) => [{ type: 'CustomerDataViewed', data: { ...command.data, viewedAt: command.at } }],
  evolve: (accesses) => accesses,
};

export const accessStream = (customerId: string): string => `access-${customerId}`;
