import { type AnyEvent, type DataGroup, isErased } from './message.js';

type Fields = Readonly<Record<string, unknown>>;
type Change = (before: Fields) => Fields;

/**
 * Brings an event of one schema version to the next. Pure. Each part is changed by itself: a data group that is erased stays
 * so and is never shown to its change, and nothing outside a group can come to depend on what a key may take away.
 */
export interface Upcast {
  readonly data?: Change;
  readonly personal?: Readonly<Partial<Record<DataGroup, Change>>>;
}

/**
 * For each event type that is known, its steps in order: the first leads from version 1 to 2. So a type with `n` steps is at
 * version `n + 1` today, and a chain cannot have a gap.
 */
export type Upcasters = Readonly<Record<string, readonly Upcast[]>>;

/** From `version` on, step by step to today's. */
export const upcast = <E extends AnyEvent>(event: E, version: number, upcasters: Upcasters): E =>
  (upcasters[event.type] ?? []).slice(version - 1).reduce((before, step) => ({ ...before, ...changed(before, step) }), event);

const changed = ({ data, personal }: AnyEvent, step: Upcast): Pick<AnyEvent, 'data' | 'personal'> => ({
  data: step.data ? step.data(data as Fields) : data,
  ...(personal && { personal: step.personal ? changedGroups(personal, step.personal) : personal }),
});

const changedGroups = (personal: NonNullable<AnyEvent['personal']>, changes: NonNullable<Upcast['personal']>): NonNullable<AnyEvent['personal']> =>
  Object.fromEntries(
    Object.entries(personal).map(([group, content]) => {
      const change = changes[group as DataGroup];
      return [group, change && !isErased(content) ? change(content as Fields) : content];
    }),
  );
