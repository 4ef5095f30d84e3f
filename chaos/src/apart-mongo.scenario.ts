import { setTimeout as sleep } from 'node:timers/promises';
import { aftermath } from './apart.aftermath.js';
import { allReady } from './apart.readiness.js';
import { checkAnswers, checkRetryAfter } from './apart.checker.js';
import { groundFor, leaveGround } from './apart.ground.js';
import { beginLoad } from './apart.load.js';
import { lastPosition } from './apart.rows.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

const before = 2_000;
const withoutPrimaryMs = 4_000;
const awayMs = 60_000;
const shortlyMs = 8_000;

/** Its primary is killed, and comes back as one of the others; then all three are gone for a while. */
const endure = async ({ times, random, sabotage, say, progress, signal }: Ordeal): Promise<void> => {
  const ground = await groundFor(sabotage);
  const { mongo } = ground;
  say({ is: 'began', position: lastPosition(ground) });
  const load = await beginLoad(ground, { random, say });
  for (let done = 0; done < times && !signal.aborted; progress(++done)) {
    await sleep(before);
    const primary = await mongo.primary();
    await primary.kill();
    await sleep(withoutPrimaryMs);
    await primary.start();
    await sleep(before);
    await Promise.all(mongo.servers.map((server) => server.kill()));
    await sleep(times > 1 && done % 2 === 0 ? awayMs : shortlyMs);
    await Promise.all(mongo.servers.map((server) => server.start()));
  }
  await load.end();
  await allReady(ground);
};

const check = (facts: readonly Fact[]): Promise<Checked> => aftermath(facts, [...checkAnswers(facts, { mayAskAgain: true }), ...checkRetryAfter(facts)]);

export const mongoAway: Scenario = {
  name: 'apart:mongo',
  about: 'while the primary is killed, and while all of MongoDB is away, callers are answered, or told when to ask again; views catch up, and nothing is parked',
  times: 2,
  short: 1,
  counted: 'times without a primary, and without any',
  sabotages: { 'write-forgotten': 'forgets one write in ten of a view' },
  release: leaveGround,
  endure,
  check,
};
