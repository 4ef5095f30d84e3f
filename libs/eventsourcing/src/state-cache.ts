import type { CommandIds } from './command-ids.js';
import { keyOf, type Position } from './event-store.port.js';

/** A stream folded up to a revision. */
export interface Folded<S> {
  readonly state: S;
  /** Of the last event that was folded; -1: there was none. */
  readonly revision: number;
  readonly position: Position;
  /** Shared by later foldings of the same stream, so it may know more commands than were folded. */
  readonly commands: CommandIds;
}

interface Kept {
  readonly folded: Folded<unknown>;
  readonly weight: number;
}

interface Owner {
  readonly until: number;
  readonly states: Map<string, Kept>;
}

export interface StateCacheOptions {
  /** How many customers, claims, cases … at once. */
  readonly owners?: number;
  /** Bytes, estimated. */
  readonly weight?: number;
  /** The longest that a state is kept, ms, however often it is used. */
  readonly age?: number;
}

/**
 * States of streams, so that a long history is not folded for every command. A shortcut and never the truth: whoever uses one
 * reads what is newer first. States may hold opened personal data, so everything of one customer is remembered and forgotten
 * together: at once when a key is destroyed in this process, and after a minute in any case.
 */
export class StateCache {
  /** In the order in which they will be too old. */
  readonly #owners = new Map<string, Owner>();
  readonly #limits: Required<StateCacheOptions>;
  #weight = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Changes whenever something had to be forgotten. */
  generation = 0;

  constructor({ owners = 10_000, weight = 32 * 1024 * 1024, age = 60_000 }: StateCacheOptions = {}) {
    this.#limits = { owners, weight, age };
  }

  get size(): number {
    return this.#owners.size;
  }

  get<S>(stream: string, folding: object): Folded<S> | undefined {
    this.#dropOld();
    return this.#owners.get(keyOf(stream))?.states.get(placeOf(stream, folding))?.folded as Folded<S> | undefined;
  }

  /** @param generation as it was before the events were read: what had to be forgotten since must not come back. */
  put(stream: string, folding: object, folded: Folded<unknown>, generation: number): void {
    if (generation !== this.generation) return;
    const { states } = this.#owner(keyOf(stream));
    const place = placeOf(stream, folding);
    const before = states.get(place);
    if (before && before.folded.revision > folded.revision) return;
    const weight = weightOf(folded);
    if (weight > this.#limits.weight * largestShare) return this.#drop(keyOf(stream));
    states.set(place, { folded, weight });
    this.#weight += weight - (before?.weight ?? 0);
    this.#makeRoom();
  }

  /** @param key of a stream's name: the customer's id. */
  forget(key: string): void {
    this.generation += 1;
    this.#drop(key);
  }

  #owner(key: string): Owner {
    const owner = this.#owners.get(key) ?? { until: performance.now() + this.#limits.age, states: new Map<string, Kept>() };
    this.#owners.set(key, owner);
    this.#timer ??= setTimeout(() => this.#tick(), this.#limits.age).unref();
    return owner;
  }

  #makeRoom(): void {
    for (const [key] of this.#owners) {
      if (this.#owners.size <= this.#limits.owners && this.#weight <= this.#limits.weight) return;
      this.#drop(key);
    }
  }

  #dropOld(): void {
    const now = performance.now();
    for (const [key, { until }] of this.#owners) {
      if (until > now) return;
      this.#drop(key);
    }
  }

  /** Also in a process that has nothing to do, nothing opened lies around. */
  #tick(): void {
    this.#timer = undefined;
    this.#dropOld();
    const [first] = this.#owners.values();
    if (first) this.#timer = setTimeout(() => this.#tick(), Math.max(1, first.until - performance.now())).unref();
  }

  #drop(key: string): void {
    for (const { weight } of this.#owners.get(key)?.states.values() ?? []) this.#weight -= weight;
    this.#owners.delete(key);
  }
}

const numbers = new WeakMap<object, number>();
let counted = 0;

const placeOf = (stream: string, folding: object): string => {
  const number = numbers.get(folding) ?? ++counted;
  numbers.set(folding, number);
  return `${stream}#${number}`;
};

/** One giant must not push out everybody else. */
const largestShare = 1 / 4;

const overhead = 400;

const weightOf = ({ state, commands }: Folded<unknown>): number => overhead + bytesOf(state) + commands.bytes;

const bytesOf = (value: unknown): number => {
  if (typeof value === 'string') return 16 + value.length;
  if (value === null || typeof value !== 'object') return 8;
  let bytes = 32;
  for (const part of Symbol.iterator in value ? (value as Iterable<unknown>) : Object.entries(value)) bytes += 8 + bytesOf(part);
  return bytes;
};

const caches = new WeakMap<object, StateCache>();

/** From now on `handle` and `readState` remember what they read from this store. */
export const remembering = <Store extends object>(store: Store, cache: StateCache): Store => {
  caches.set(store, cache);
  return store;
};

export const cacheOf = (store: object): StateCache | undefined => caches.get(store);
