import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ErasureEvent } from '@kendt/domain';
import { categoryOf, type EventStore, keyOf, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { type Config, CONFIG, EVENT_STORE, Followers, Mailer, TOPICS } from '@kendt/nest';
import { ErasureMails } from './erasure-mails.js';
import { erasureTasksPublisher } from './erasure-tasks.publisher.js';
import { ErasureWorkflow } from './erasure.workflow.js';
import { mailsName } from './last-mails.js';
import { Systems } from './systems.projection.js';

export const issuingName = 'issue-erasure-tasks';
export const keysName = 'destroy-erased-keys';

/** How long the keys wait for the mail and the tasks of the same confirmation before they are tried again. */
const patienceMs = 10_000;

const mayBeLast: ReadonlySet<string> = new Set<ErasureEvent['type']>(['RequesterConfirmed', 'TaskPublished', 'TaskAcknowledged', 'TaskFailed']);

/**
 * What follows from each event of an erasure. Everything hangs on the log and its checkpoints, nothing on a chain of
 * calls: whatever a crash cuts short is taken up again from the event that led to it.
 */
@Injectable()
export class ErasureFollowers implements OnModuleInit {
  constructor(
    @Inject(Followers) private readonly followers: Followers,
    @Inject(ErasureWorkflow) private readonly workflow: ErasureWorkflow,
    @Inject(ErasureMails) private readonly mails: ErasureMails,
    @Inject(Mailer) private readonly mailer: Mailer,
    @Inject(Systems) private readonly systems: Systems,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    const lease = 'erasure'; // one for all: the keys wait for the mails and the tasks of the same process
    this.followers.add({ name: mailsName, categories: ['erasure'], handle: (event) => this.mails.send(event) }, { lease });
    this.followers.add({ name: issuingName, categories: ['system', 'erasure'], handle: (event) => this.#issue(event) }, { lease });
    this.followers.add(erasureTasksPublisher(this.topics, this.store, `${this.config.publicUrl}/erasure`), { lease });
    this.followers.add({ name: keysName, categories: ['erasure'], handle: (event) => this.#destroyKeys(event) }, { lease });
  }

  async #issue(event: StoredEvent): Promise<void> {
    if (categoryOf(event.stream) === 'system') await this.systems.apply(event);
    else if (event.type === 'RequesterConfirmed') await this.workflow.issueTasks(keyOf(event.stream), event);
  }

  async #destroyKeys(event: StoredEvent): Promise<void> {
    const known = event as unknown as ErasureEvent;
    if (known.type === 'KeysDestroyed') return this.mailer.forget(known.data.customerId);
    if (!mayBeLast.has(event.type)) return;
    for (const name of [mailsName, issuingName])
      if (!(await this.followers.waitFor(name, event.position, patienceMs))) throw new Error(`The follower ${name} is behind`);
    await this.workflow.destroyKeysWhenReady(keyOf(event.stream), event);
  }
}
