import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './apart.caller.js';
import { openErp } from './apart.erp.js';
import type { Ground } from './apart.ground.js';
import { register } from './apart.guests.js';
import { leave } from './apart.leaving.js';
import { patronOf } from './apart.login.js';
import { listen } from './apart.listener.js';
import { shoppersOf } from './apart.shoppers.js';
import { tillOf } from './apart.till.js';
import type { Fact } from './scenario.js';

export interface Load {
  /** Every caller finishes what it is at, and the connectors have heard all of it. */
  end(): Promise<void>;
}

interface LoadOptions {
  readonly random: () => number;
  readonly say: (fact: Fact) => void;
  readonly newKeys?: boolean;
}

const callers = 3;
const pauseMs = 40;
const lookPauseMs = 200;
const loginPauseMs = 700;
const leavingPauseMs = 2_000;

/** Steady: registrations, changes, consents, purchases by REST and over Kafka, looks by REST and gRPC, logins, and now and then somebody leaves. */
export const beginLoad = async (ground: Ground, { random, say: tell, newKeys = false }: LoadOptions): Promise<Load> => {
  const say = (fact: Fact): void => tell({ at: Date.now(), ...fact });
  const caller = new Caller(ground, say, newKeys);
  const [erp, listener, till, patron] = [await openErp(ground, say), await listen(ground, say), tillOf(ground, caller, say), await patronOf(ground, caller, say)];
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
    round.again(leavingPauseMs, () => leave(ground, caller, say)),
  ]);
  return {
    end: async () => {
      try {
        await round.end();
        await listener.caughtUp();
      } finally {
        till.close();
        await listener.close();
        await erp.close();
      }
    },
  };
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
