import { setTimeout as sleep } from 'node:timers/promises';
import { aftermath } from './apart.aftermath.js';
import { checkAnswers, checkRetryAfter } from './apart.checker.js';
import { groundFor, leaveGround } from './apart.ground.js';
import { beginLoad } from './apart.load.js';
import { allReady } from './apart.readiness.js';
import { lastPosition } from './apart.rows.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

const everyMs = 3_000;

const endure = async ({ times, random, sabotage, say, progress, signal }: Ordeal): Promise<void> => {
  const ground = await groundFor(sabotage === 'new-keys' ? undefined : sabotage);
  say({ is: 'began', position: lastPosition(ground) });
  const load = await beginLoad(ground, { random, say, newKeys: sabotage === 'new-keys' });
  const { instances } = ground.apart;
  for (let done = 0; done < times && !signal.aborted; progress(++done)) {
    await sleep(everyMs);
    instances[Math.floor(random() * instances.length)]!.kill('SIGKILL');
  }
  await load.end();
  await allReady(ground);
};

const check = (facts: readonly Fact[]): Promise<Checked> => aftermath(facts, [...checkAnswers(facts, { mayAskAgain: true }), ...checkRetryAfter(facts)]);

export const kill: Scenario = {
  name: 'apart:kill',
  about: 'while processes are killed, nothing acknowledged is lost or done twice, callers see only what may be sent again, and views are what the streams say',
  times: 100,
  short: 5,
  sabotages: { 'early-answer': 'acknowledges before the event store has it', 'new-keys': 'sends commands again under another Idempotency-Key' },
  release: leaveGround,
  endure,
  check,
};
