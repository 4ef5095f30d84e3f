import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Holding, Holdings as HoldingsAnswer } from '@kendt/contracts';
import { holdingKey, type HoldingsEvent } from '@kendt/domain';
import { byKey, type Projection, type ReadView } from '@kendt/eventsourcing';
import { Followers } from '@kendt/nest';

export const holdingsName = 'holdings@1';

/** By {@link holdingKey}. */
interface HoldingsDocument {
  readonly held: Readonly<Record<string, Holding>>;
}

/** What is held of a customer, where, on which basis and until when. Ids of records, never their content. */
@Injectable()
export class HoldingsView implements OnModuleInit {
  #view: ReadView<HoldingsDocument> | undefined;

  constructor(@Inject(Followers) private readonly followers: Followers) {}

  onModuleInit(): void {
    this.#view = this.followers.project(projection);
  }

  async of(customerId: string): Promise<HoldingsAnswer> {
    const document = await this.#view?.get(customerId);
    return { customerId, holdings: Object.values(document?.value.held ?? {}) };
  }
}

const next = (current: HoldingsDocument | undefined, event: HoldingsEvent): HoldingsDocument => {
  const { [holdingKey(event.data)]: _, ...others } = current?.held ?? {};
  if (event.type === 'HoldingEnded') return { held: others };
  return { held: { ...others, [holdingKey(event.data)]: { ...event.data, basis: event.data.basis as Holding['basis'] } } };
};

const projection: Projection<HoldingsDocument> = {
  name: holdingsName,
  categories: ['holdings'],
  document: byKey,
  next: (current, event) => next(current, event as unknown as HoldingsEvent),
};
