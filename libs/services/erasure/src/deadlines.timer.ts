import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { erasure, type ErasureCommand, erasureStream, type OpenErasure } from '@kendt/domain';
import { type Clock, decision, deterministicId, type EventStore, type Following, handle, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE, EveryMinute, Followers, LOGGER, stackFrames } from '@kendt/nest';
import type { Logger } from 'pino';
import { stepContext } from './contexts.js';
import { linkExpiresAt, retentionOverAt, taskDueAt } from './deadlines.js';
import { casesName, ErasureCases } from './erasure-cases.projection.js';
import { issuingName, keysName } from './erasure.followers.js';
import { ErasureWorkflow } from './erasure.workflow.js';
import { mailsName } from './last-mails.js';

const followed = [casesName, issuingName, mailsName, keysName];

/**
 * What time alone brings about: tasks that are overdue, retentions that are over, requests that nobody confirmed, and
 * whatever was parked. Looks every minute and at the start; tests call {@link sweep}.
 */
@Injectable()
export class ErasureDeadlines implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #turns = new EveryMinute(() => this.#sweep(), (error) => this.#report(error));

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(ErasureCases) private readonly cases: ErasureCases,
    @Inject(ErasureWorkflow) private readonly workflow: ErasureWorkflow,
  ) {}

  onApplicationBootstrap(): void {
    this.#turns.begin();
    void this.sweep();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#turns.end();
  }

  sweep(): Promise<void> {
    return this.#turns.now();
  }

  async #sweep(): Promise<void> {
    if (!(await this.#caughtUp())) return; // on half a history the next step of a case would be a guess
    for (const following of this.#following()) if (following.name !== casesName && following.parkedCount > 0) await following.retryParked();
    for (const caseId of await this.cases.dueAt(timestamp(this.clock))) {
      if (this.#stop.signal.aborted) return;
      await this.#attend(caseId).catch((error: unknown) => this.#report(error));
    }
  }

  async #caughtUp(): Promise<boolean> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const following = this.#following();
      if (following.some(({ standsBy }) => standsBy)) return false; // another process looks after them
      if (following.length === followed.length && following.every(({ caughtUp }) => caughtUp)) return true;
      await sleep(50, undefined, { signal, ref: false }).catch(() => undefined);
    }
    return false;
  }

  #following(): readonly Following[] {
    return this.followers.running().filter(({ name }) => followed.includes(name));
  }

  async #attend(caseId: string): Promise<void> {
    await this.workflow.destroyKeysWhenReady(caseId);
    const at = timestamp(this.clock);
    const state = await this.workflow.read(caseId);
    if (state.status === 'absent') return;
    const commands = state.status === 'requested' ? expiry(state, at) : [...overdue(state, at), ...retentionEnd(caseId, state, at)];
    if (commands.length > 0) await handle(this.store, [decision(erasure, erasureStream(caseId), ...commands)], stepContext(caseId, `deadlines-${at}`), at);
  }

  /** The frames say where; the id of a case opens its page, so it is not logged. */
  #report(error: unknown): void {
    this.logger.error({ stack: stackFrames(error) }, 'The deadlines of an erasure could not be looked after');
  }
}

/** The link has expired: the next request opens a case of its own. */
const expiry = ({ requestedAt }: OpenErasure, at: string): ErasureCommand[] =>
  linkExpiresAt(requestedAt) <= at ? [{ type: 'RefuseErasure', at, data: { reason: 'not-confirmed' } }] : [];

const overdue = ({ status }: OpenErasure, at: string): ErasureCommand[] => (status === 'refused' ? [] : [{ type: 'NoteOverdueTasks', at, data: {} }]);

/** One task per system for everything whose time has come. */
const retentionEnd = (caseId: string, { retained }: OpenErasure, at: string): ErasureCommand[] => {
  const over = retained.filter(({ ended, until }) => !ended && retentionOverAt(until) <= at);
  const systems = [...new Set(over.map(({ systemId }) => systemId))];
  const tasks = systems.map((systemId) => {
    const records = over.filter((record) => record.systemId === systemId);
    const names = records.map(({ record, until }) => `${record} ${until}`).sort();
    return {
      taskId: deterministicId(caseId, systemId, 'retained', ...names),
      systemId,
      kind: 'erase-retained' as const,
      dueAt: taskDueAt(at),
      records: records.map(({ record }) => record),
    };
  });
  return tasks.length > 0 ? [{ type: 'EndRetention', at, data: { tasks } }] : [];
};
