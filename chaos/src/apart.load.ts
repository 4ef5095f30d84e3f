import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './apart.caller.js';
import { checkClosed, checkHeard } from './apart.checker.js';
import { type Erp, openErp } from './apart.erp.js';
import type { Ground } from './apart.ground.js';
import { register } from './apart.guests.js';
import { leave } from './apart.leaving.js';
import { type Patron, patronOf } from './apart.login.js';
import { listen } from './apart.listener.js';
import { lastPosition, rowsAfter } from './apart.rows.js';
import { shoppersOf } from './apart.shoppers.js';
import { type Till, tillOf } from './apart.till.js';
import type { Fact } from './scenario.js';

export interface Load {
  /** Every caller finishes what it is at, and the systems have heard all of it. */
  end(): Promise<void>;
}

interface LoadOptions {
  readonly random: () => number;
  readonly say: (fact: Fact) => void;
  readonly newKeys?: boolean;
}

const hearsWithinMs = 60_000;
const callers = 3;
const pauseMs = 40;
const lookPauseMs = 200;
const loginPauseMs = 700;
const leavingPauseMs = 2_000;

/** Steady: registrations, changes, consents, purchases by REST and over Kafka, looks by REST and gRPC, logins, and now and then somebody leaves. */
export const beginLoad = async (ground: Ground, { random, say: tell, newKeys = false }: LoadOptions): Promise<Load> => {
  const [said, begun] = [[] as Fact[], lastPosition(ground)];
  const say = (fact: Fact): void => {
    said.push(fact);
    tell({ at: Date.now(), ...fact });
  };
  const caller = new Caller(ground, say, newKeys);
  const opened: { close(): unknown }[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0)) await each.close();
  };
  const keep = <T extends { close(): unknown }>(one: T): T => (opened.push(one), one);
  try {
    const [till, erp] = [keep(tillOf(ground, caller, say)), keep(await openErp(ground, say))];
    keep(await listen(ground, say));
    const round = begin({ caller, say, random, till, erp, patron: await patronOf(ground, caller, say), leave: () => leave(ground, caller, say) });
    return {
      end: async () => {
        try {
          await round.end();
          await allHeard(ground, begun, said);
        } finally {
          await close();
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

interface Company extends Pick<LoadOptions, 'random' | 'say'> {
  readonly caller: Caller;
  readonly till: Till;
  readonly erp: Erp;
  readonly patron: Patron;
  readonly leave: () => Promise<void>;
}

const begin = ({ caller, say, random, till, erp, patron, leave: leaves }: Company): Round => {
  const round = new Round();
  const forGuest = async (act: (customer: string) => Promise<void>): Promise<void> => {
    const guest = await register(caller, say);
    if (guest) await round.again(lookPauseMs, () => act(guest.customer));
  };
  round.begin([
    ...Array.from({ length: callers }, () => round.again(pauseMs, shoppersOf(caller, say, random))),
    forGuest((customer) => till.look(customer)),
    forGuest((customer) => erp.invoice(customer)),
    round.again(loginPauseMs, () => patron.signIn()),
    round.again(leavingPauseMs, leaves),
  ]);
  return round;
};

/** Until the systems have heard of everything and answered, or a minute is over: what is missing then is the checker's to tell. */
const allHeard = async (ground: Ground, begun: number, said: readonly Fact[]): Promise<void> => {
  for (const until = Date.now() + hearsWithinMs; Date.now() < until; await sleep(200)) {
    const rows = rowsAfter(ground, begun);
    if (checkHeard(said, rows).length + checkClosed(said, rows).length === 0) return;
  }
};

/** What is done again and again until the end. One that fails ends all of it. */
class Round {
  #going = true;
  #all: Promise<unknown> = Promise.resolve();

  begin(work: readonly Promise<void>[]): void {
    this.#all = Promise.all(work);
    this.#all.catch(() => (this.#going = false)); // told by end()
  }

  async again(ms: number, act: () => Promise<void>): Promise<void> {
    for (; this.#going; await sleep(ms)) await act();
  }

  async end(): Promise<void> {
    this.#going = false;
    await this.#all;
  }
}
