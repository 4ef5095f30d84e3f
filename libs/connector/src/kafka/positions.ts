import { type From, millisecondsOf } from '../reading.js';

/** Of one partition: its oldest message, and where the next one will come. */
export interface Bounds {
  readonly partition: number;
  readonly low: string;
  readonly high: string;
}

export interface Position {
  readonly partition: number;
  /** The next message to be read. */
  readonly offset: string;
}

/** What is asked of a cluster to find a position. */
export interface Offsets {
  bounds(topic: string): Promise<readonly Bounds[]>;
  /** The first message at or after a time (milliseconds since 1970); the end where there is none. */
  since(topic: string, ms: number): Promise<readonly Position[]>;
}

/** Where reading begins, for each partition that `from` speaks of. @throws Error for a partition that there is not, or a time that is none. */
export const positionsFrom = async (topic: string, from: From, offsets: Offsets): Promise<readonly Position[]> => {
  if (typeof from === 'object' && 'time' in from) return offsets.since(topic, millisecondsOf(from.time));
  const bounds = await offsets.bounds(topic);
  if (from === 'start') return bounds.map(({ partition, low: offset }) => ({ partition, offset }));
  if (from === 'end') return bounds.map(({ partition, high: offset }) => ({ partition, offset }));
  return Object.entries(from.offsets).map(([partition, offset]) => {
    if (!bounds.some((one) => one.partition === Number(partition))) throw new Error(`Topic ${topic} has no partition ${partition}`);
    return { partition: Number(partition), offset: String(BigInt(offset)) };
  });
};

/** As if a topic ended where `until` says; a partition of which it says nothing is empty. */
export const boundsUntil = (topic: string, bounds: readonly Bounds[], until: readonly (Position & { readonly topic: string })[]): readonly Bounds[] =>
  bounds.map((one) => ({ ...one, high: until.find((end) => end.topic === topic && end.partition === one.partition)?.offset ?? one.low }));

/** Not handled yet. Who has committed nothing begins with the oldest message; what is kept no more cannot be handled. */
export const lagOf = (bounds: readonly Bounds[], committed: readonly Position[]): number =>
  bounds.reduce((sum, { partition, low, high }) => {
    const at = BigInt(committed.find((one) => one.partition === partition)?.offset ?? -1);
    const next = at > BigInt(low) ? at : BigInt(low);
    return sum + (BigInt(high) > next ? Number(BigInt(high) - next) : 0);
  }, 0);
