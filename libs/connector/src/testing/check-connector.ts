import { type Check, checks } from './checks.js';
import { Stage } from './stage.js';
import type { CheckOptions } from './system.js';

export interface CheckedItem {
  readonly name: string;
  /** Whole sentences, for whoever has written the connector; none when all is well. */
  readonly faults: readonly string[];
}

export interface CheckReport {
  readonly ok: boolean;
  readonly checks: readonly CheckedItem[];
  /** The same to be read on a terminal. */
  readonly text: string;
}

/**
 * Runs a connector through what it will meet: messages that come twice, in another order, from a later version, customers who
 * are gone, erasures, crashes. Needs no server.
 *
 * ```ts
 * const report = await checkConnector({
 *   system: 'crm',
 *   open: () => {
 *     const crm = new Crm(':memory:');
 *     return { connect: ({ topics, store }) => crm.connector({ topics, store }), holds: (customerId) => crm.find(customerId) };
 *   },
 * });
 * assert(report.ok, report.text);
 * ```
 */
export const checkConnector = async (options: CheckOptions): Promise<CheckReport> => {
  const done: CheckedItem[] = [];
  for (const check of checks) if (check.needs.every((needed) => options.follows?.includes(needed) ?? true)) done.push({ name: check.name, faults: await faultsOf(check, options) });
  return { ok: done.every(({ faults }) => faults.length === 0), checks: done, text: textOf(options.system, done) };
};

const faultsOf = async (check: Check, options: CheckOptions): Promise<readonly string[]> => {
  const stage = await Stage.open(options);
  try {
    await check.run(stage);
  } catch (error) {
    stage.fault(`It threw: ${error instanceof Error ? error.message : String(error)}.`);
  } finally {
    await stage.close();
  }
  return [...new Set(stage.faults)];
};

const textOf = (system: string, done: readonly CheckedItem[]): string =>
  [
    `The connector of ${system}:`,
    ...done.flatMap(({ name, faults }) => [`  ${faults.length === 0 ? 'ok   ' : 'FAULT'}  ${name}`, ...faults.map((fault) => `         ${fault}`)]),
  ].join('\n');
