/** What a child said before it was killed: one JSON object a line. Each is an acknowledgement, or the announcement of an attempt. */
export interface Fact {
  readonly is: string;
  readonly [field: string]: unknown;
}

/** A life of a child, from its start until it is killed. */
export interface Life {
  /** Kept from life to life. */
  readonly folder: string;
  /** Another one in each life and process, derived from `--seed`. */
  readonly random: () => number;
  /** Counted from 1. */
  readonly number: number;
  /** 0, or more where several processes work at once. */
  readonly process: number;
  /** What was said in the life before this one, by all its processes; nothing in the first. */
  readonly before: () => readonly Fact[];
  /** The name of what is broken on purpose. */
  readonly sabotage: string | undefined;
  /** On its way to the checker when this returns: a kill a moment later does not take it back. */
  readonly say: (fact: Fact) => void;
}

export interface Checked {
  /** A sentence each; none: everything that must hold does. */
  readonly complaints: readonly string[];
  /** What was looked at: `{ acknowledged: 12000, refused: 40 }`. */
  readonly figures: Readonly<Record<string, number>>;
}

interface About {
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly about: string;
  /** Ways to break the code on purpose, and what each does. The checker must see every one of them. */
  readonly sabotages: Readonly<Record<string, string>>;
  /** How often something happens unless told; 25 for most. */
  readonly times?: number;
  /** How often in a run that is to be over soon, and in each with a sabotage; 3 for most. */
  readonly short?: number;
  /** What is counted instead of kills. */
  readonly counted?: string;
  /** Before the first life, in the parent: makes what the children find in the folder, and beside it. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** After the last run: ends what was started for all of them. */
  readonly release?: () => Promise<void>;
}

interface Work extends About {
  /** So many work at once in some lives, each killed at a moment of its own; 1 unless told. */
  readonly processes?: number;
  /** Some lives end while they begin, before they are ready: for work that may be killed while it opens its files. */
  readonly killedWhileStarting?: boolean;
  /** How long a life lasts at most after it was ready; a quarter of a second unless told. */
  readonly longestLifeMs?: number;
  /** In the child: says `{ is: 'ready' }`, then works until it is killed. */
  readonly work: (life: Life) => Promise<void>;
}

/** What befalls the code without its process being killed. */
export interface Ordeal {
  readonly folder: string;
  /** How often, of whatever the scenario counts. */
  readonly times: number;
  readonly random: () => number;
  readonly sabotage: string | undefined;
  readonly say: (fact: Fact) => void;
  readonly progress: (done: number) => void;
  readonly signal: AbortSignal;
}

interface Endured extends About {
  /** In the parent, to the end. */
  readonly endure: (ordeal: Ordeal) => Promise<void>;
}

/** In the parent, after the last kill: compares what was said with what is there. Knows nothing of how the child works. */
type Check<Facts> = (facts: Facts, folder: string) => Promise<Checked>;

/** A storm of kills, see `storm.ts`. */
export type Storm = Work;

/** `checkEach` is for children that say more in a thousand lives than memory should hold: one fact after the other, once. */
export type Scenario = (Work | Endured) & ({ readonly check: Check<readonly Fact[]> } | { readonly checkEach: Check<Iterable<Fact>> });

/** Mulberry32: the same seed gives the same numbers, 0 to 1. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
