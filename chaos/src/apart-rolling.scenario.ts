import { aftermath } from './apart.aftermath.js';
import { checkAnswers } from './apart.checker.js';
import { groundFor, leaveGround } from './apart.ground.js';
import { beginLoad } from './apart.load.js';
import { lastPosition } from './apart.rows.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

/** Told to end, awaited, started, ready; then the next. */
const endure = async ({ times, random, sabotage, say, progress, signal }: Ordeal): Promise<void> => {
  const ground = await groundFor();
  say({ is: 'began', position: lastPosition(ground) });
  const load = await beginLoad(ground, { random, say });
  const { instances } = ground.apart;
  for (let done = 0; done < times && !signal.aborted; progress(++done)) {
    const instance = instances[done % instances.length]!;
    const code = await instance.stop(sabotage === 'abrupt' ? 'SIGKILL' : 'SIGTERM');
    if (code !== 0) say({ is: 'ended-badly', name: instance.name, code });
    await instance.start();
  }
  await load.end();
};

const check = (facts: readonly Fact[]): Promise<Checked> => {
  const bad = facts.filter(({ is }) => is === 'ended-badly').map(({ name, code }) => `${String(name)} ended with ${String(code)}`);
  return aftermath(facts, [...bad, ...checkAnswers(facts, { mayAskAgain: false })]);
};

export const rolling: Scenario = {
  name: 'apart:rolling',
  about: 'while every process is started anew, one after the other, no request fails, by REST, pages or gRPC',
  times: 12,
  short: 3,
  counted: 'processes started anew',
  sabotages: { abrupt: 'ends processes without a word to them' },
  release: leaveGround,
  endure,
  check,
};
