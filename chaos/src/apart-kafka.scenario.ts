import { setTimeout as sleep } from 'node:timers/promises';
import { aftermath } from './apart.aftermath.js';
import { checkAnswers, checkGoingOn } from './apart.checker.js';
import { underLoad } from './apart.endure.js';
import { leaveGround } from './apart.ground.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

const before = 2_000;
const awayMs = 60_000;
const shortlyMs = 5_000;

const endure = (ordeal: Ordeal): Promise<void> =>
  underLoad(ordeal, ordeal, async ({ kafka }, done) => {
    const [node] = kafka.nodes;
    await sleep(before);
    const from = Date.now();
    await node!.kill();
    await sleep(ordeal.times > 1 && done % 2 === 0 ? awayMs : shortlyMs);
    ordeal.say({ is: 'away', from, to: Date.now() });
    await node!.start();
  });

const check = (facts: readonly Fact[]): Promise<Checked> => aftermath(facts, [...checkAnswers(facts, { mayAskAgain: false }), ...checkGoingOn(facts)]);

export const kafkaAway: Scenario = {
  name: 'apart:kafka',
  about: 'while the broker is killed and away, commands and logins go on; afterwards all is published, in order per customer, and a connector has missed nothing',
  times: 2,
  short: 1,
  counted: 'times without the broker',
  sabotages: { 'publish-swallowed': 'takes a message for published when the broker is away' },
  release: leaveGround,
  endure,
  check,
};
