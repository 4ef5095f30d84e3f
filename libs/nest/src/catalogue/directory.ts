import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  brand, type Brand, type BrandEvent, client, type Client, type ClientDescription, type ClientEvent, currentNotice, purpose, type Purpose, type PurposeEvent,
  system, type System, type SystemEvent,
} from '@kendt/domain';
import { categoryOf, type EventStore, keyOf, mustBeReadable, START, type StoredEvent } from '@kendt/eventsourcing';
import type { Logger } from 'pino';
import { fault } from '../logs/stack-frames.js';
import { EVENT_STORE, LOGGER } from '../tokens.js';

export interface ListedBrand {
  readonly id: string;
  readonly name: string;
  readonly look: string;
  readonly contact: string;
}

export interface ListedClient extends ClientDescription {
  readonly id: string;
}

type Described<S, Status extends string> = Extract<S, { status: Status }>;
export type ListedPurpose = Described<Purpose, 'offered' | 'retired'> & { readonly id: string; readonly currentNotice: number };
export type ListedSystem = Described<System, 'registered' | 'retired'> & { readonly id: string };

/**
 * Brands, clients, purposes and systems: few, small, needed everywhere. Each process folds their streams in memory and
 * follows them live, so nobody asks another service for them. What must be exact (a notice's version at a grant) is
 * read from the stream.
 */
@Injectable()
export class Directory implements OnModuleInit, OnApplicationShutdown {
  readonly #abort = new AbortController();
  readonly #brands = new Map<string, Brand>();
  readonly #clients = new Map<string, Client>();
  readonly #purposes = new Map<string, Purpose>();
  readonly #systems = new Map<string, System>();
  #following: Promise<void> = Promise.resolve();
  #position = START;
  caughtUp = false;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#following = this.#follow(resolve);
    await promise;
  }

  async onApplicationShutdown(): Promise<void> {
    this.#abort.abort();
    await this.#following;
  }

  brand(id: string): ListedBrand | undefined {
    const found = this.#brands.get(id);
    return found?.status === 'open' ? { id, ...found.description } : undefined;
  }

  brands(): ListedBrand[] {
    return [...this.#brands.keys()].flatMap((id) => this.brand(id) ?? []);
  }

  client(id: string): ListedClient | undefined {
    const found = this.#clients.get(id);
    return found?.status === 'registered' ? { id, ...found.description } : undefined;
  }

  clients(): ListedClient[] {
    return [...this.#clients.keys()].flatMap((id) => this.client(id) ?? []);
  }

  purpose(id: string): ListedPurpose | undefined {
    const found = this.#purposes.get(id);
    return found && found.status !== 'absent' ? { id, ...found, currentNotice: currentNotice(found) } : undefined;
  }

  /** Those on offer, of one brand or of all. */
  purposes(brandId?: string): ListedPurpose[] {
    return [...this.#purposes.keys()]
      .flatMap((id) => this.purpose(id) ?? [])
      .filter(({ status, definition }) => status === 'offered' && (!brandId || definition.brands.includes(brandId)));
  }

  system(id: string): ListedSystem | undefined {
    const found = this.#systems.get(id);
    return found?.status === 'registered' ? { id, ...found } : undefined;
  }

  systems(): ListedSystem[] {
    return [...this.#systems.keys()].flatMap((id) => this.system(id) ?? []);
  }

  async #follow(through: () => void): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        for await (const batch of this.store.subscribe({ after: this.#position, categories: ['brand', 'client', 'purpose', 'system'], signal })) {
          batch.events.forEach((event) => this.#apply(event));
          this.#position = batch.position;
          this.caughtUp ||= batch.caughtUp;
          if (this.caughtUp) through();
        }
      } catch (error) {
        this.logger.warn(fault(error), 'the directory lost its subscription');
        await sleep(500, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
    through();
  }

  #apply(event: StoredEvent): void {
    try {
      mustBeReadable([event]);
    } catch {
      return this.#forget(event);
    }
    this.#evolve(event);
  }

  /** A newer Kendt has changed it in a way that cannot be read here: no client at all is better than one that may do too much. */
  #forget({ id, type, stream }: StoredEvent): void {
    this.logger.error({ event: id, type }, 'the directory met an event of a newer version');
    const known = { brand: this.#brands, client: this.#clients, purpose: this.#purposes, system: this.#systems }[categoryOf(stream)];
    known?.delete(keyOf(stream));
  }

  #evolve(event: StoredEvent): void {
    const id = keyOf(event.stream);
    switch (categoryOf(event.stream)) {
      case 'brand':
        return void this.#brands.set(id, brand.evolve(this.#brands.get(id) ?? brand.initialState, event as unknown as BrandEvent));
      case 'client':
        return void this.#clients.set(id, client.evolve(this.#clients.get(id) ?? client.initialState, event as unknown as ClientEvent));
      case 'purpose':
        return void this.#purposes.set(id, purpose.evolve(this.#purposes.get(id) ?? purpose.initialState, event as unknown as PurposeEvent));
      case 'system':
        return void this.#systems.set(id, system.evolve(this.#systems.get(id) ?? system.initialState, event as unknown as SystemEvent));
    }
  }
}
