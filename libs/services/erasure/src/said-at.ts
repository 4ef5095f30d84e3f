import type { Clock } from '@kendt/eventsourcing';

/** When a system said something, in UTC; never later than now: a clock that is fast there must not make everything after it look old. */
export const saidAt = (said: string, clock: Clock): string => new Date(Math.min(Date.parse(said), clock().getTime())).toISOString();
