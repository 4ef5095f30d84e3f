import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ErasureEvent } from '@kendt/domain';
import type { CachedKeyRing } from '@kendt/eventsourcing';
import { KEY_RING } from '../tokens.js';
import { Followers } from './followers.js';

/**
 * Runs in every process: keys that another one has destroyed are forgotten here as soon as the event says so, and so is
 * whatever listens with `onDestroyed`. The checkpoint may be another process's: what lies before it was destroyed before this
 * process could hold it.
 */
@Injectable()
export class DestroyedKeys implements OnModuleInit {
  constructor(
    @Inject(Followers) private readonly followers: Followers,
    @Inject(KEY_RING) private readonly keys: CachedKeyRing,
  ) {}

  onModuleInit(): void {
    this.followers.add({ name: 'forget-destroyed-keys', categories: ['erasure'], handle: async (event) => this.#forget(event as unknown as ErasureEvent) }, { sealed: true });
  }

  #forget(event: ErasureEvent): void {
    if (event.type !== 'KeysDestroyed') return;
    for (const group of event.data.groups) this.keys.forget(event.data.customerId, group);
  }
}
