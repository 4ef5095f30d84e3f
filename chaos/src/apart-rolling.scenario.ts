import { aftermath } from './apart.aftermath.js';
import { checkAnswers } from './apart.checker.js';
import { underLoad } from './apart.endure.js';
import { leaveGround } from './apart.ground.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

/** Told to end, awaited, started, ready; then the next. */
const endure = (ordeal: Ordeal): Promise<void> =>
  underLoad(ordeal, { sabotage: undefined }, async ({ apart: { instances } }, done) => {
    const instance = instances[done % instances.length]!;
    const code = await instance.stop(ordeal.sabotage === 'abrupt' ? 'SIGKILL' : 'SIGTERM');
    if (code !== 0) ordeal.say({ is: 'ended-badly', name: instance.name, code });
    await instance.start();
  });

const check = (facts: readonly Fact[]): Promise<Checked> => {
  const bad = facts.filter(({ is }) => is === 'ended-badly').map(({ name, code }) => `${String(name)} ended with ${String(code)}`);
  return aftermath(facts, [...bad, ...checkAnswers(facts, { mayAskAgain: false })]);
};

export const rolling: Scenario = {
  name: 'apart:rolling',
  about: 'while every process is started anew, one after the other, no request fails, by REST, pages or gRPC',
  times: 12,
  short: 2,
  counted: 'processes started anew',
  sabotages: { abrupt: 'ends processes without a word to them' },
  release: leaveGround,
  endure,
  check,
};
