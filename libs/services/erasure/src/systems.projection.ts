import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type System as SystemAnswer, topicContracts } from '@kendt/contracts';
import { system, type System, type SystemEvent } from '@kendt/domain';
import { keyOf, project, type StoredEvent, type Topics, type View, type Views } from '@kendt/eventsourcing';
import { TOPICS, unlessAway, VIEWS } from '@kendt/nest';

type KnownSystem = Exclude<System, { status: 'absent' }>;

/**
 * The systems that hold customer data. Fed by the same follower that issues the tasks, so that it has seen exactly the
 * systems that were registered before the case was confirmed, also after a restart.
 */
@Injectable()
export class Systems implements OnModuleInit {
  #view: View<KnownSystem> | undefined;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(TOPICS) private readonly topics: Topics,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#view = await this.views.open<KnownSystem>({ name: 'systems@1' });
    const known = (await this.list()).map(({ systemId }) => systemId);
    await this.topics.ensure(topicContracts({ brands: [], systems: known })).catch(unlessAway); // an earlier version may have known fewer topics
  }

  async apply(event: StoredEvent): Promise<void> {
    const systemId = keyOf(event.stream);
    if (event.type === 'SystemRegistered') await this.topics.ensure(topicContracts({ brands: [], systems: [systemId] }));
    await project(this.#open, systemId, event, (current) => next(current, event));
  }

  async get(systemId: string): Promise<KnownSystem | undefined> {
    return (await this.#open.get(systemId))?.value;
  }

  /** Those in use; a group has dozens, not thousands. */
  async list(): Promise<readonly { readonly systemId: string; readonly system: KnownSystem }[]> {
    const { documents } = await this.#open.list({ limit: 1000 });
    return documents.filter(({ value }) => value.status === 'registered').map(({ id, value }) => ({ systemId: id, system: value }));
  }

  get #open(): View<KnownSystem> {
    if (!this.#view) throw new Error('The view of systems is not open yet');
    return this.#view;
  }
}

const next = (current: KnownSystem | undefined, event: StoredEvent): KnownSystem | undefined => {
  const state = system.evolve(current ?? system.initialState, event as unknown as SystemEvent);
  return state.status === 'absent' ? undefined : state;
};

export const toSystem = (systemId: string, { description, declarations, rules }: KnownSystem): SystemAnswer => ({
  systemId,
  name: description.name,
  brandIds: [...description.brands],
  holds: declarations.map((declared) => {
    const { what: _, ...retention } = rules.find(({ what }) => what === declared.what) ?? { what: '' };
    return { ...declared, ...('law' in retention && { retention }) };
  }),
});
