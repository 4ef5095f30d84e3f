import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { TriedPassword } from '@kendt/contracts';
import type { Credential } from '@kendt/domain';
import { type Clock, randomId, timestamp } from '@kendt/eventsourcing';
import { CLOCK, METRICS, type Metrics } from '@kendt/nest';
import { hash, verify } from '@node-rs/argon2';
import { Customers } from '../customers/customers.js';
import { SignIns } from '../customers/sign-ins.js';

export type PasswordOutcome =
  | { readonly outcome: 'right'; readonly customerId: string }
  | { readonly outcome: 'unverified'; readonly customerId: string }
  | { readonly outcome: 'wrong' };

/** OWASP Password Storage: Argon2id (the library's own choice), 19 MiB, two passes. */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** No refusal comes sooner: whether a failure was written down, or there was nobody to write it down for, cannot be timed. */
const shortestRefusalMs = 200;
const longestPassword = 256;

/**
 * Checks passwords so that unknown e-mail, wrong password and locked account cannot be told apart: the same streams are
 * read, one hash is verified, and the answer takes the same time.
 */
@Injectable()
export class Passwords implements OnModuleInit {
  /** A customer that nobody is, and a password that nobody knows. */
  readonly #nobody = randomId();
  #nobodysHash = '';

  constructor(
    @Inject(Customers) private readonly customers: Customers,
    @Inject(SignIns) private readonly signIns: SignIns,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#nobodysHash = await hash(randomId(), argon2id);
  }

  async check(email: string, password: string, clientId: string): Promise<PasswordOutcome> {
    const found = this.customers.holderOf(this.customers.emailClaim(email));
    return this.#unhurried(found.then((customerId) => this.#check(customerId, password, clientId)));
  }

  /** Of a customer that is known already, as when an external identity is to be linked. */
  async checkOf(customerId: string, password: string, clientId: string): Promise<PasswordOutcome> {
    return this.#unhurried(this.#check(customerId, password, clientId));
  }

  async #unhurried(check: Promise<PasswordOutcome>): Promise<PasswordOutcome> {
    const began = performance.now();
    const result = await check;
    if (result.outcome === 'wrong') await sleep(Math.max(0, shortestRefusalMs - (performance.now() - began)));
    return result;
  }

  async #check(found: string | undefined, password: string, clientId: string): Promise<PasswordOutcome> {
    const customerId = found ?? this.#nobody;
    const [{ state }, credential] = await Promise.all([this.customers.read(customerId), this.customers.credential(customerId)]);
    const right = await this.#verify(credential, password);
    if (this.#isLocked(credential)) return this.#refused('locked');
    if (!right || state.status !== 'active') {
      if (state.status === 'active' && credential.status === 'set') await this.signIns.failed(customerId, clientId);
      return this.#refused('wrong');
    }
    if (!state.emailVerified) this.#count('unverified');
    return { outcome: state.emailVerified ? 'right' : 'unverified', customerId };
  }

  /** Operators may know which of them it was; whoever tried may not. */
  #refused(outcome: 'wrong' | 'locked'): PasswordOutcome {
    this.#count(outcome);
    return { outcome: 'wrong' };
  }

  #count(outcome: string): void {
    this.metrics.add('kendt_logins_total', { method: 'password', outcome });
  }

  /** Always one Argon2 run, also where there is nothing to compare with. */
  async #verify({ passwordHash }: Credential, password: string): Promise<boolean> {
    const tried = TriedPassword.safeParse(password.slice(0, longestPassword + 1));
    const matches = await verify(passwordHash ?? this.#nobodysHash, tried.success ? tried.data : '-');
    return matches && tried.success && passwordHash !== undefined;
  }

  #isLocked({ lockedUntil }: Credential): boolean {
    return lockedUntil !== undefined && lockedUntil > timestamp(this.clock);
  }
}
