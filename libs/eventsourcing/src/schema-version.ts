import type { Upcasters } from '@kendt/kernel';

/** What an event begins with, and what it is written with where nothing says otherwise. */
export const firstVersion = '1';

/** Today's version of an event type; `undefined` for a type that is not known here. */
export const schemaVersionOf = (type: string, upcasters: Upcasters): number | undefined => {
  const steps = Object.hasOwn(upcasters, type) ? upcasters[type] : undefined;
  return steps && steps.length + 1;
};
