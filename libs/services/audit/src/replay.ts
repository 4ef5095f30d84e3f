import type { AuditEvent } from '@kendt/contracts';
import { keyOf, type KeyRing, type StoredEvent } from '@kendt/eventsourcing';
import { type DataGroup, dataGroups, erased } from '@kendt/kernel';

type Events = AsyncIterable<StoredEvent>;
type Head = readonly [StoredEvent, AsyncIterator<StoredEvent>];

/** Several histories as one, in the order in which things happened. Holds one event of each at a time. */
export async function* merged(histories: readonly Events[]): Events {
  let heads: Head[] = [];
  for (const history of histories) heads.push(...(await headOf(history[Symbol.asyncIterator]())));
  while (heads.length > 0) {
    const first = heads.reduce((one, other) => (other[0].position < one[0].position ? other : one));
    yield first[0];
    heads = [...heads.filter((head) => head !== first), ...(await headOf(first[1]))];
  }
}

const headOf = async (rest: AsyncIterator<StoredEvent>): Promise<Head[]> => {
  const next = await rest.next();
  return next.done ? [] : [[next.value, rest]];
};

export interface Wanted {
  /** Claims pass from one customer to another: only this one's part is told. */
  readonly customer?: string | undefined;
  readonly system?: string | undefined;
  readonly from?: string | undefined;
  readonly at?: string | undefined;
}

/** Neither `from` nor `at` ends a replay early: clocks of several machines are not in step with the order of events. */
export const isWanted =
  ({ customer, system, from, at }: Wanted) =>
  ({ stream, data, metadata: { recordedAt } }: StoredEvent): boolean => {
    const said = data as { readonly customerId?: string; readonly systemId?: string };
    if (customer && stream.startsWith('claim-') && said.customerId !== customer) return false;
    if (system && stream !== `system-${system}` && said.systemId !== system) return false;
    return (!from || recordedAt >= instant(from)) && (!at || recordedAt <= instant(at));
  };

/** With milliseconds, as events have it: without them a time would not compare. */
const instant = (time: string): string => new Date(time).toISOString();

type Marks = NonNullable<AuditEvent['personal']>;

type Mark = NonNullable<Marks[DataGroup]>;

/** Says for a data group whether it is still there, by asking for its key; content is never opened. A key that is lost is no erasure. */
export const personalMarks = (keys: Pick<KeyRing, 'find' | 'isDestroyed'>): ((event: StoredEvent) => Promise<Marks | undefined>) => {
  const asked = new Map<string, Promise<Mark>>();
  const markOf = (customerId: string, group: DataGroup): Promise<Mark> => {
    const slot = `${customerId} ${group}`;
    const answer = asked.get(slot) ?? ask(keys, customerId, group);
    asked.set(slot, answer);
    return answer;
  };
  return async ({ stream, personal }) => {
    if (!personal) return undefined;
    const marks: Marks = {};
    for (const group of dataGroups) if (personal[group] !== undefined) marks[group] = isSealed(personal[group]) ? await markOf(keyOf(stream), group) : erased;
    return marks;
  };
};

const ask = async (keys: Pick<KeyRing, 'find' | 'isDestroyed'>, customerId: string, group: DataGroup): Promise<Mark> => {
  if (await keys.find(customerId, group)) return 'present';
  return (await keys.isDestroyed(customerId, group)) ? erased : 'missing';
};

const isSealed = (group: unknown): boolean => typeof group === 'object' && group !== null && (group as { sealed?: string }).sealed !== '';

export const toAuditEvent = ({ metadata, ...event }: StoredEvent, personal: Marks | undefined): AuditEvent => ({
  position: event.position,
  stream: event.stream,
  revision: event.revision,
  id: event.id,
  type: event.type,
  at: metadata.recordedAt,
  actor: { kind: metadata.actorKind, id: metadata.actorId },
  ...(metadata.channel && { channel: metadata.channel }),
  ...(metadata.brand && { brand: metadata.brand }),
  commandId: metadata.commandId,
  correlationId: metadata.correlationId,
  causationId: metadata.causationId,
  schemaVersion: metadata.schemaVersion,
  data: event.data as Record<string, unknown>,
  ...(personal && { personal }),
});
