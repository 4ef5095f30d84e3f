import { setTimeout as sleep } from 'node:timers/promises';
import { aftermath } from './apart.aftermath.js';
import { checkAnswers, checkRetryAfter } from './apart.checker.js';
import { underLoad } from './apart.endure.js';
import { leaveGround } from './apart.ground.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

const everyMs = 3_000;

const endure = (ordeal: Ordeal): Promise<void> => {
  const newKeys = ordeal.sabotage === 'new-keys';
  return underLoad(ordeal, { sabotage: newKeys ? undefined : ordeal.sabotage, newKeys }, async ({ apart: { instances } }) => {
    await sleep(everyMs);
    instances[Math.floor(ordeal.random() * instances.length)]!.kill('SIGKILL');
  });
};

const check = (facts: readonly Fact[]): Promise<Checked> => aftermath(facts, [...checkAnswers(facts, { mayAskAgain: true }), ...checkRetryAfter(facts)]);

export const kill: Scenario = {
  name: 'apart:kill',
  about: 'while processes are killed, nothing acknowledged is lost or done twice, callers see only what may be sent again, and views are what the streams say',
  times: 100,
  short: 3,
  counted: 'kills, one every three seconds',
  sabotages: { 'early-answer': 'acknowledges before the event store has it', 'new-keys': 'sends commands again under another Idempotency-Key' },
  release: leaveGround,
  endure,
  check,
};
