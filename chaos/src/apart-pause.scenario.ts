import { setTimeout as sleep } from 'node:timers/promises';
import { aftermath } from './apart.aftermath.js';
import { checkAnswers, checkTakenOver } from './apart.checker.js';
import { underLoad } from './apart.endure.js';
import { leaveGround } from './apart.ground.js';
import { holderOf, leasesOf } from './apart.leases.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

const before = 2_000;
/** A lease is over after six seconds, and taken when nobody has renewed it for as long. */
const pastLeaseMs = 10_000;
const services = ['registration', 'consent'];

const endure = (ordeal: Ordeal): Promise<void> =>
  underLoad(ordeal, ordeal, async (ground, done) => {
    await sleep(before);
    const { instance, lease } = await holderOf(ground, services[done % services.length]!);
    const fenceBefore = (await leasesOf(ground)).get(lease)?.fence;
    instance.kill('SIGSTOP');
    await sleep(pastLeaseMs);
    const during = (await leasesOf(ground)).get(lease);
    instance.kill('SIGCONT');
    await sleep(before);
    const after = (await leasesOf(ground)).get(lease);
    ordeal.say({ is: 'paused', lease, fences: [fenceBefore, during?.fence, after?.fence], owners: [during?.owner, after?.owner] });
  });

const check = (facts: readonly Fact[]): Promise<Checked> => aftermath(facts, [...checkAnswers(facts, { mayAskAgain: true }), ...checkTakenOver(facts)]);

export const pause: Scenario = {
  name: 'apart:pause',
  about: 'who publishes stands still past its lease: another takes over with a higher fence, the first one writes no more, and what comes twice has the same id',
  times: 6,
  short: 1,
  counted: 'pauses',
  sabotages: { 'new-ids': 'gives a message another id each time it is sent' },
  release: leaveGround,
  endure,
  check,
};
