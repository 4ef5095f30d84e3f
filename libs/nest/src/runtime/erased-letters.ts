import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ErasureEvent } from '@kendt/domain';
import { SERVICE_NAME } from '../tokens.js';
import { Consumers } from './consumers.js';
import { Followers } from './followers.js';

/**
 * What was given up of a customer holds nothing of them any more once their keys are destroyed. Each service has a checkpoint of its own:
 * one that is ahead must not take the event from one that has dead letters and is down.
 */
@Injectable()
export class ErasedLetters implements OnModuleInit {
  constructor(
    @Inject(Followers) private readonly followers: Followers,
    @Inject(Consumers) private readonly consumers: Consumers,
    @Inject(SERVICE_NAME) private readonly service: string,
  ) {}

  onModuleInit(): void {
    this.followers.add({ name: `empty-dead-letters-${this.service}`, categories: ['erasure'], handle: async (event) => this.#forget(event as unknown as ErasureEvent) }, { sealed: true });
  }

  async #forget(event: ErasureEvent): Promise<void> {
    if (event.type === 'KeysDestroyed') await this.consumers.forget(event.data.customerId);
  }
}
