import { Inject, Injectable } from '@nestjs/common';
import {
  claim, claimsOf, claimStream, credential, credentialStream, customer, customerStream, erasure, type Erasure, erasureStream, type OpenErasure,
  purchases, purchasesStream, readyForKeys,
} from '@kendt/domain';
import {
  type Clock, type Decision, decision, deterministicId, type EventStore, handle, type KeyRing, readState, type StoredEvent, timestamp,
} from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import { CLOCK, EVENT_STORE, KEY_RING } from '@kendt/nest';
import { stepContext } from './contexts.js';
import { customerState } from './customers.js';
import { taskDueAt } from './deadlines.js';
import { LastMails } from './last-mails.js';
import { Systems } from './systems.projection.js';

/** `evidence` is left: that the customer asked and what was done must stay provable (GDPR 5(2), 17(3)(e)). */
export const erasedGroups: readonly DataGroup[] = ['contact', 'credential', 'purchases'];

/** An append takes fifty streams at most; a customer with more claims than this gives the rest back first. */
const claimsAtOnce = 40;

/** The steps of an erasure that follow from its events. Each can be taken again at any time, and is done once. */
@Injectable()
export class ErasureWorkflow {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(KEY_RING) private readonly keys: KeyRing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Systems) private readonly systems: Systems,
    @Inject(LastMails) private readonly lastMails: LastMails,
  ) {}

  async read(caseId: string): Promise<Erasure> {
    return readState(this.store, erasure, erasureStream(caseId));
  }

  /** A task for every system: whether it holds anything is for the system to say. */
  async issueTasks(caseId: string, cause?: StoredEvent): Promise<void> {
    const state = await this.read(caseId);
    if (state.status !== 'confirmed' || Object.keys(state.tasks).length > 0) return;
    const at = timestamp(this.clock);
    const tasks = (await this.systems.list()).map(({ systemId }) => ({
      taskId: deterministicId(caseId, systemId),
      systemId,
      kind: 'erase' as const,
      dueAt: taskDueAt(at),
    }));
    await handle(this.store, [decision(erasure, erasureStream(caseId), { type: 'IssueTasks', at, data: { tasks } })], stepContext(caseId, 'issue-tasks', cause), at);
  }

  /** Once every task is safely published and the last mail has gone. Until then it does nothing. */
  async destroyKeysWhenReady(caseId: string, cause?: StoredEvent): Promise<void> {
    await this.issueTasks(caseId, cause); // no task at all means no system at all, never that nobody has looked yet
    const state = await this.read(caseId);
    if (state.status === 'absent' || !readyForKeys(state)) return;
    if (await this.lastMails.holdsUp(caseId, state.confirmedAt ?? state.requestedAt)) return;
    // The keys first: after a crash in between they are destroyed again, which changes nothing, and then recorded.
    for (const group of erasedGroups) await this.keys.destroy(state.customerId, group);
    await this.#record(caseId, state, cause);
  }

  async #record(caseId: string, { customerId }: OpenErasure, cause?: StoredEvent): Promise<void> {
    const at = timestamp(this.clock);
    const claims = claimsOf(await customerState(this.store, customerId)).map((hash) => released(hash, customerId, at));
    for (let n = claimsAtOnce; n < claims.length; n += claimsAtOnce)
      await handle(this.store, claims.slice(n, n + claimsAtOnce), stepContext(caseId, `release-claims-${n}`, cause), at);
    const decisions = [
      decision(erasure, erasureStream(caseId), { type: 'RecordKeysDestroyed', at, data: { groups: erasedGroups } }),
      decision(customer, customerStream(customerId), { type: 'EraseCustomer', at, data: { caseId } }),
      decision(credential, credentialStream(customerId), { type: 'DestroyCredentials', at, data: {} }),
      decision(purchases, purchasesStream(customerId), { type: 'ForgetPurchases', at, data: {} }),
      ...claims.slice(0, claimsAtOnce),
    ];
    await handle(this.store, decisions, stepContext(caseId, 'destroy-keys', cause), at);
  }
}

const released = (hash: string, customerId: string, at: string): Decision => decision(claim, claimStream(hash), { type: 'ReleaseIdentifier', at, data: { customerId } });
