import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import type { Standalone } from './standalone.js';

export interface LoadWanted {
  readonly what: 'life-cycles' | 'registrations' | 'changes';
  readonly concurrency: number;
  readonly seconds: number;
  /** Of changes: no more than so many, at even distances. As many as there can be unless told. */
  readonly perSecond?: number;
  /** Each request carries an Idempotency-Key. */
  readonly withKeys?: boolean;
  /** What was refused unheard (503, by a gateway that had nobody to bring it to, or by a store that is busy) is asked again until it is heard. */
  readonly insist?: boolean;
}

export interface LoadResult {
  /** Whole lives, registrations, or changes. */
  readonly done: number;
  /** After the warm-up, as are all figures here. */
  readonly seconds: number;
  readonly warmUpShare: number;
  /** How often something was asked again, in the warm-up too. */
  readonly askedAgain: number;
  /** By request, ms. */
  readonly latencies: Readonly<Record<string, { readonly count: number; readonly p50: number; readonly p95: number }>>;
}

/** Runs the load in a process of its own, as a shop is one: what it computes is not computed in Kendt's process. */
export const load = async ({ url, secret }: Pick<Standalone, 'url' | 'secret'>, wanted: LoadWanted): Promise<LoadResult> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load.main.js')], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify({ url, secret, ...wanted }));
  const [said, failed] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (said === '') throw new Error(`The load failed: ${failed}`);
  return JSON.parse(said) as LoadResult;
};
