import { randomBytes, randomUUID } from 'node:crypto';
import { Caller } from './apart.caller.js';
import { checkRace } from './apart.checker.js';
import { groundFor, leaveGround, sameGround } from './apart.ground.js';
import { lastPosition, rowsAfter } from './apart.rows.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

/** All at once, for the same address. */
const endure = async ({ times, sabotage, say, progress }: Ordeal): Promise<void> => {
  const ground = await groundFor(sabotage);
  const caller = new Caller(ground, say);
  await caller.token();
  say({ is: 'began', position: lastPosition(ground) });
  const person = { kind: 'full', email: `race-${randomUUID()}@example.org`, name: { given: 'Ra', family: 'Ce' }, password: `${randomBytes(9).toString('base64url')} lamp`, language: 'da', consents: [] };
  let answered = 0;
  await Promise.all(Array.from({ length: times }, async () => {
    if (await caller.ask({ what: 'register-full', method: 'POST', path: '/v1/customers', key: randomUUID(), body: person })) say({ is: 'accepted' });
    progress(++answered);
  }));
};

const check = async (facts: readonly Fact[]): Promise<Checked> => {
  const rows = rowsAfter(await sameGround(), Number(facts.find(({ is }) => is === 'began')?.['position']));
  const count = (what: string): number => facts.filter(({ is }) => is === what).length;
  const told = rows.filter(({ type }) => type === 'RegistrationRepeated').length;
  return { complaints: checkRace(facts, rows), figures: { 'answered alike': count('accepted'), 'asked again': count('again'), 'told to the owner': told } };
};

export const race: Scenario = {
  name: 'apart:race',
  about: 'of many who register one address at the same time, at two processes, exactly one has it',
  times: 1_000,
  short: 100,
  counted: 'registrations of one address',
  sabotages: { unguarded: 'appends whatever the stream holds by now' },
  release: leaveGround,
  endure,
  check,
};
