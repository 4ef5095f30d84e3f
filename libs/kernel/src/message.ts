/** The units of sealing and erasure: every piece of personal data belongs to exactly one. */
export const dataGroups = ['contact', 'credential', 'purchases', 'evidence'] as const;
export type DataGroup = (typeof dataGroups)[number];

/** What a read gives in place of a data group whose key has been destroyed. */
export const erased = 'erased';
export type Erased = typeof erased;

type PersonalData = Partial<Record<DataGroup, object>>;

/**
 * Something that has happened. `data` never holds personal data; what is personal stands in `personal`, by data group,
 * and the event store seals each group with the key of (customer, group).
 */
export type Event<Type extends string, Data extends object, Personal extends PersonalData = never> = [Personal] extends [never]
  ? { readonly type: Type; readonly data: Readonly<Data> }
  : {
      readonly type: Type;
      readonly data: Readonly<Data>;
      readonly personal: { readonly [Group in keyof Personal]: Readonly<Personal[Group]> | Erased };
    };

/** A wish that can be refused. `at` is the moment of asking, ISO 8601 UTC: the domain has no clock of its own. */
export interface Command<Type extends string, Data extends object> {
  readonly type: Type;
  readonly data: Readonly<Data>;
  readonly at: string;
}

/** Any event, for code that treats all alike. */
export interface AnyEvent {
  readonly type: string;
  readonly data: object;
  readonly personal?: Readonly<Partial<Record<DataGroup, object | Erased>>>;
}

export const isErased = (value: unknown): value is Erased => value === erased;
