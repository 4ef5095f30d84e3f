import { Inject, Injectable } from '@nestjs/common';
import { credential, credentialStream, customer, customerStream, failuresUntilLocked, lockedForMs, login, loginStream } from '@kendt/domain';
import { type Clock, type CommandContext, type Decision, decision, deterministicId, type EventStore, handle, randomId, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, currentTrace, Directory, EVENT_STORE, METRICS, type Metrics, traceparent } from '@kendt/nest';
import { Customers } from './customers.js';

/** How somebody proved who they are: `password`, `sso` (a session was there), or `external:<provider>`. */
export type SignInMethod = string;

export interface SignIn {
  readonly customerId: string;
  readonly clientId: string;
  readonly method: SignInMethod;
  /** The same sign-in noted twice is noted once. */
  readonly key: string;
}

/** Writes down who signed in where, and who failed to. */
@Injectable()
export class SignIns {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Directory) private readonly directory: Directory,
    @Inject(Customers) private readonly customers: Customers,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  /** The first sign-in at another brand joins it: one customer, many brands. */
  async succeeded({ customerId, clientId, method, key }: SignIn): Promise<void> {
    const at = timestamp(this.clock);
    const brandId = this.directory.client(clientId)?.brandId;
    const decisions: Decision[] = [decision(login, loginStream(customerId), { type: 'RecordLogin', at, data: { clientId, method } })];
    if (brandId) decisions.push(decision(customer, customerStream(customerId), { type: 'JoinBrand', at, data: { brandId } }));
    await handle(this.events, decisions, this.context(customerId, clientId, deterministicId('sign-in', key)), at);
    this.metrics.add('kendt_logins_total', { method: method.replace(/:.*/, ''), outcome: 'ok' });
  }

  /** The tenth in a row locks; failures before an earlier lock do not count again. */
  async failed(customerId: string, clientId: string): Promise<void> {
    const at = timestamp(this.clock);
    const context = this.#ofClient(customerId, clientId);
    try {
      await handle(this.events, [decision(login, loginStream(customerId), { type: 'RecordFailedLogin', at, data: { clientId } })], context, at);
      if ((await this.#failuresInRow(customerId)) >= failuresUntilLocked) await this.#lock(customerId, clientId, at);
    } catch (error) {
      // Whoever guesses in parallel must not see another answer than whoever guesses alone.
      if (!(error instanceof Refusal)) throw error;
    }
  }

  context(customerId: string, clientId: string, commandId: string): CommandContext {
    const client = this.directory.client(clientId);
    const trace = currentTrace();
    return {
      commandId,
      actor: { kind: 'customer', id: customerId },
      channel: client?.channel ?? 'account',
      ...(client?.brandId && { brand: client.brandId }),
      ...(trace && { traceparent: traceparent(trace) }),
    };
  }

  /** Who types a wrong password is anybody: what is known is where. */
  #ofClient(customerId: string, clientId: string): CommandContext {
    return { ...this.context(customerId, clientId, randomId()), actor: { kind: 'client', id: clientId } };
  }

  async #failuresInRow(customerId: string): Promise<number> {
    const [events, { lockedUntil = '' }] = await Promise.all([this.customers.logins(customerId), this.customers.credential(customerId)]);
    const since = events.findLastIndex((event) => event.type === 'LoginSucceeded');
    return events.slice(since + 1).filter((event) => event.type === 'LoginFailed' && event.data.failedAt > lockedUntil).length;
  }

  async #lock(customerId: string, clientId: string, at: string): Promise<void> {
    const until = new Date(this.clock().getTime() + lockedForMs).toISOString();
    const lock = decision(credential, credentialStream(customerId), { type: 'LockCredentials', at, data: { until } });
    await handle(this.events, [lock], this.#ofClient(customerId, clientId), at);
  }
}
