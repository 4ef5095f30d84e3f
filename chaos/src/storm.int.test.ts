import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eachFact, factsOf } from './facts.js';
import type { Fact } from './scenario.js';
import { storm, type StormOptions } from './storm.js';

describe('a storm', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kendt-storm-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (name: string, more: Partial<StormOptions> = {}, scenario: Partial<StormOptions['scenario']> = {}): Promise<Fact[]> => {
    await storm({ scenario: { name, ...scenario }, folder, kills: 2, seed: 1, program: join(import.meta.dirname, 'child.examples.ts'), nodeOptions: [], progress: () => undefined, ...more });
    return [...eachFact(folder)];
  };

  it('lets children live and die, and keeps what each has said, in order', async () => {
    const progress: number[] = [];
    const facts = await run('counting', { progress: (kills) => progress.push(kills) });
    expect(progress).toEqual([1, 2]);
    for (const life of [1, 2]) {
      const said = facts.filter((fact) => fact['life'] === life);
      expect(said.map((fact) => fact['n'])).toEqual(Array.from(said.keys()));
      expect(factsOf(folder, life)).toEqual(said);
    }
    expect(facts.some((fact) => fact.is === 'ready')).toBe(false);
  });

  it('lets several live at once, and counts each kill', async () => {
    const facts = await run('counting', { kills: 4, seed: 5 }, { processes: 3 });
    const lives = new Set(facts.map((fact) => `${String(fact['life'])}.${String(fact['process'])}`));
    expect(readdirSync(join(folder, 'facts')).length).toBeLessThan(4);
    expect(Math.max(...facts.map((fact) => fact['process'] as number))).toBe(2);
    expect(lives.size).toBeLessThanOrEqual(4);
    expect(facts.every((fact) => fact['of'] === String(fact['process']) && fact['seed'] === '5')).toBe(true);
  });

  it('tells of a child that ends by itself, with its last words', async () => {
    await expect(run('clumsy')).rejects.toThrow(/Life 1 ended by itself:[\s\S]*It fell over its feet/);
    await expect(run('mute')).rejects.toThrow(/Life 1 was not ready.*\nit said nothing/);
  });

  it('ends at once when it is told to, and leaves no child behind', async () => {
    const abort = new AbortController();
    const running = run('counting', { kills: 1000, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('Interrupted')), 100);
    await expect(running).rejects.toThrow('Interrupted');
  });
});
