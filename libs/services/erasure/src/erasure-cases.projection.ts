import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ErasureCase } from '@kendt/contracts';
import { erasure, type ErasureEvent, type OpenErasure } from '@kendt/domain';
import { byKey, type Projection, type ReadView, type StoredEvent } from '@kendt/eventsourcing';
import { Followers } from '@kendt/nest';
import { nextDeadline, unansweredTasks } from './deadlines.js';

export const casesName = 'erasure-cases@3';

/** Every erasure case as it stands, found by its customer and by what time will ask of it next. No personal data. */
@Injectable()
export class ErasureCases implements OnModuleInit {
  #view: ReadView<OpenErasure> | undefined;

  constructor(@Inject(Followers) private readonly followers: Followers) {}

  onModuleInit(): void {
    this.#view = this.followers.project(projection);
  }

  async get(caseId: string): Promise<OpenErasure | undefined> {
    return (await this.#open.get(caseId))?.value;
  }

  /** The case of this customer that waits for its confirmation or is under way. */
  async openOf(customerId: string): Promise<{ readonly caseId: string; readonly erasure: OpenErasure } | undefined> {
    const { documents } = await this.#open.find('customer', customerId, { limit: 1000 });
    const open = documents.find(({ value: { status } }) => status === 'requested' || status === 'confirmed');
    return open && { caseId: open.id, erasure: open.value };
  }

  /** Cases that time asks something of at `now`, the most pressing first; not more than a thousand at once. */
  async dueAt(now: string): Promise<readonly string[]> {
    return (await this.#open.find('nextDeadline', { upTo: now }, { limit: 1000 })).documents.map(({ id }) => id);
  }

  /** How many tasks this system has not answered, and how many of them it should have answered by now. */
  async unansweredOf(systemId: string): Promise<{ readonly open: number; readonly overdue: number }> {
    const count = { open: 0, overdue: 0 };
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const { documents, next: following } = await this.#open.find('unanswered', systemId, { limit: 1000, ...(cursor !== undefined && { cursor }) });
      for (const task of documents.flatMap(({ value }) => unansweredTasks(value)).filter((task) => task.systemId === systemId)) count[task.overdue ? 'overdue' : 'open']++;
      cursor = following;
    }
    return { open: count.open + count.overdue, overdue: count.overdue };
  }

  get #open(): ReadView<OpenErasure> {
    if (!this.#view) throw new Error('The view of erasure cases is not open yet');
    return this.#view;
  }
}

const next = (current: OpenErasure | undefined, event: StoredEvent): OpenErasure | undefined => {
  const state = erasure.evolve(current ?? erasure.initialState, event as unknown as ErasureEvent);
  return state.status === 'absent' ? undefined : state;
};

const projection: Projection<OpenErasure> = {
  name: casesName,
  indexes: {
    customer: ({ customerId }) => customerId,
    nextDeadline,
    unanswered: (erasure) => [...new Set(unansweredTasks(erasure).map(({ systemId }) => systemId))],
  },
  categories: ['erasure'],
  document: byKey,
  next,
};

/** The case as callers may see it. */
export const toErasureCase = (caseId: string, { keys, tasks, ...erasure }: OpenErasure): ErasureCase => ({
  ...erasure,
  caseId,
  tasks: Object.values(tasks).map(({ records: _, ...task }) => task),
  retained: erasure.retained.map((record) => ({ ...record })),
  keysDestroyed: (keys?.groups ?? []).map((group) => ({ group, at: keys?.destroyedAt ?? '' })),
});
