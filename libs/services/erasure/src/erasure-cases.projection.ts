import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ErasureCase } from '@kendt/contracts';
import { erasure, type ErasureEvent, type OpenErasure } from '@kendt/domain';
import { keyOf, project, type StoredEvent, type View, type Views } from '@kendt/eventsourcing';
import { Followers, VIEWS } from '@kendt/nest';
import { nextDeadline } from './deadlines.js';

export const casesName = 'erasure-cases@1';

const definition = {
  name: casesName,
  indexes: {
    customer: ({ customerId }: OpenErasure) => customerId,
    nextDeadline,
  },
};

/** Every erasure case as it stands, found by its customer and by what time will ask of it next. No personal data. */
@Injectable()
export class ErasureCases implements OnModuleInit {
  #view: View<OpenErasure> | undefined;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  async onModuleInit(): Promise<void> {
    const view = await this.views.open<OpenErasure>(definition);
    this.#view = view;
    this.followers.add({
      name: casesName,
      categories: ['erasure'],
      handle: (event) => project(view, keyOf(event.stream), event, (current) => next(current, event)),
    });
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

  get #open(): View<OpenErasure> {
    if (!this.#view) throw new Error('The view of erasure cases is not open yet');
    return this.#view;
  }
}

const next = (current: OpenErasure | undefined, event: StoredEvent): OpenErasure | undefined => {
  const state = erasure.evolve(current ?? erasure.initialState, event as unknown as ErasureEvent);
  return state.status === 'absent' ? undefined : state;
};

/** The case as callers may see it. */
export const toErasureCase = (caseId: string, { keys, tasks, ...erasure }: OpenErasure): ErasureCase => ({
  ...erasure,
  caseId,
  tasks: Object.values(tasks).map(({ records: _, ...task }) => task),
  retained: erasure.retained.map((record) => ({ ...record })),
  keysDestroyed: (keys?.groups ?? []).map((group) => ({ group, at: keys?.destroyedAt ?? '' })),
});
