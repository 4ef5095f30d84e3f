import type { OpenErasure } from '@kendt/domain';

const dayMs = 24 * 60 * 60 * 1000;

/** How long the link of the confirmation mail works, and with it how long a request waits. */
export const daysToConfirm = 7;

/** A system is chased after a week, while there is still time before the law's own deadline. */
const daysToAnswer = 7;

/**
 * GDPR 12(3): within one month of receipt. The same date of the next month, or its last day where it has no such date
 * (Regulation 1182/71, 3(2)(c)).
 */
export const oneMonthAfter = (at: string): string => {
  const then = new Date(at);
  const date = then.getUTCDate();
  then.setUTCMonth(then.getUTCMonth() + 1);
  if (then.getUTCDate() !== date) then.setUTCDate(0);
  return then.toISOString();
};

const daysAfter = (at: string, days: number): string => new Date(Date.parse(at) + days * dayMs).toISOString();

export const linkExpiresAt = (requestedAt: string): string => daysAfter(requestedAt, daysToConfirm);

export const taskDueAt = (issuedAt: string): string => daysAfter(issuedAt, daysToAnswer);

/** How long the last mail may hold up the keys when no mail gets through. */
export const lastMailGivenUpAt = (confirmedAt: string): string => daysAfter(confirmedAt, 1);

/** `until` is the last day that a record is kept: the retention is over when the next one begins. */
export const retentionOverAt = (until: string): string => daysAfter(`${until}T00:00:00.000Z`, 1);

const isUnanswered = ({ status }: OpenErasure['tasks'][string]): boolean => status === 'issued' || status === 'published' || status === 'failed';

/** Tasks that a system still has to answer. */
export const unansweredTasks = ({ tasks }: OpenErasure): readonly OpenErasure['tasks'][string][] => Object.values(tasks).filter(isUnanswered);

/** When time alone will ask something of this case: the earliest of its deadlines. */
export const nextDeadline = (erasure: OpenErasure): string | undefined => {
  const deadlines = [
    ...(erasure.status === 'requested' ? [linkExpiresAt(erasure.requestedAt)] : []),
    ...(erasure.status === 'confirmed' && !erasure.keys && erasure.confirmedAt ? [erasure.confirmedAt] : []),
    ...Object.values(erasure.tasks).flatMap((task) => (isUnanswered(task) && !task.overdue ? [task.dueAt] : [])),
    ...erasure.retained.flatMap(({ ended, until }) => (ended ? [] : [retentionOverAt(until)])),
  ];
  return deadlines.sort()[0];
};
