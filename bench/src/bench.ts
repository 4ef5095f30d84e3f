/** One measured figure. `ratio` and `against` are taken in the same run, on the same machine. */
export interface Row {
  readonly case: string;
  /** Median of the repetitions. */
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, and its own median. */
  readonly against?: { readonly what: string; readonly value: number };
  readonly ratio?: number;
  /** As the issue states it: `>= 0.8`, `<= 5`, `< 250`. Compared with `ratio` where there is one and the goal has no unit, else with `value`. */
  readonly goal?: string;
}

export interface Run {
  /** A minute's look instead of the whole. */
  readonly quick: boolean;
  /** How often each case is repeated; the median counts. */
  readonly repetitions: number;
  /** How many profiles `scan` reads, where it is told. */
  readonly profiles?: number;
  /** A fresh, empty folder on the disk that Kendt would use; removed afterwards. */
  readonly folder: () => string;
  /** What is going on now; `done` and `of` give a rate and the time left on a terminal. */
  readonly progress: (what: string, done?: number, of?: number) => void;
}

export interface Measured {
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly rows: readonly Row[];
}

export interface Bench {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly about: string;
  readonly run: (run: Run) => Promise<Measured>;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** @param share 0 to 1: 0.99 is p99, by the nearest rank. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
};

/** Whether the row meets its goal; `undefined` where it has none. */
export const isMet = ({ value, ratio, goal }: Row): boolean | undefined => {
  const [, sign, limit, unit] = /^(>=|<=|<|>) *([\d.]+)( ms)?$/.exec(goal?.replaceAll(',', '') ?? '') ?? [];
  if (!sign) return undefined;
  const [measured, wanted] = [unit ? value : (ratio ?? value), Number(limit)];
  switch (sign) {
    case '>=':
      return measured >= wanted;
    case '<=':
      return measured <= wanted;
    case '<':
      return measured < wanted;
    default:
      return measured > wanted;
  }
};
