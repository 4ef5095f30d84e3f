import { setTimeout as sleep } from 'node:timers/promises';
import { aftermath } from './apart.aftermath.js';
import { checkAnswers, checkRetryAfter } from './apart.checker.js';
import { underLoad } from './apart.endure.js';
import { leaveGround } from './apart.ground.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

const before = 2_000;
const withoutPrimaryMs = 4_000;
const awayMs = 60_000;
const shortlyMs = 5_000;

/** Its primary is killed, and comes back as one of the others; then all three are gone for a while. */
const endure = (ordeal: Ordeal): Promise<void> =>
  underLoad(ordeal, ordeal, async ({ mongo }, done) => {
    await sleep(before);
    const primary = await mongo.primary();
    await primary.kill();
    await sleep(withoutPrimaryMs);
    await primary.start();
    await sleep(before);
    await Promise.all(mongo.servers.map((server) => server.kill()));
    await sleep(ordeal.times > 1 && done % 2 === 0 ? awayMs : shortlyMs);
    await Promise.all(mongo.servers.map((server) => server.start()));
  });

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
