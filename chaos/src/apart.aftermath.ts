import { setTimeout as sleep } from 'node:timers/promises';
import { checkClosed, checkEffects, checkHeard, figuresOf } from './apart.checker.js';
import { sameGround } from './apart.ground.js';
import { checkParked, checkViews } from './apart.operators.js';
import { rowsAfter } from './apart.rows.js';
import { checkTopics } from './apart.topics.js';
import type { Checked, Fact } from './scenario.js';

const settlesWithinMs = 60_000;

/** What must hold after every run under load, once everything has had time to catch up: streams, topics and views say the same as callers. */
export const aftermath = async (facts: readonly Fact[], more: readonly string[] = []): Promise<Checked> => {
  const ground = await sameGround();
  const began = Number(facts.find(({ is }) => is === 'began')?.['position'] ?? 0);
  const looked = async (): Promise<{ complaints: string[]; again: number; events: number }> => {
    const rows = rowsAfter(ground, began);
    const topics = await checkTopics(ground, rows);
    return { complaints: [...checkEffects(facts, rows), ...topics.complaints, ...checkHeard(facts, rows), ...checkClosed(facts, rows)], again: topics.again, events: rows.length };
  };
  let seen = await looked();
  for (const until = Date.now() + settlesWithinMs; seen.complaints.length > 0 && Date.now() < until; seen = await looked()) await sleep(1_000);
  const views = await checkViews(ground);
  const complaints = [...more, ...seen.complaints, ...views.complaints, ...(await checkParked(ground))];
  return { complaints, figures: { ...figuresOf(facts), events: seen.events, 'messages again': seen.again, 'documents compared': views.documents } };
};
