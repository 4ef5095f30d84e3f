import { Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { byKey, deterministicId, type EventStore, type ReadView } from '@kendt/eventsourcing';
import { Followers } from '../runtime/followers.js';

export interface Tally {
  readonly count: number;
}

/** Counts the events of each stream; `bad` ones cannot be counted while `broken`. */
@Injectable()
export class Tallies implements OnModuleInit {
  broken = false;
  view!: ReadView<Tally>;

  constructor(@Inject(Followers) private readonly followers: Followers) {}

  onModuleInit(): void {
    this.view = this.followers.project<Tally>({
      name: 'tallies@1',
      categories: ['tally'],
      document: byKey,
      next: (current, { type }) => {
        if (type === 'bad' && this.broken) throw new RangeError('cannot count this');
        return { count: (current?.count ?? 0) + 1 };
      },
    });
  }
}

@Module({ providers: [Tallies], exports: [Tallies] })
export class TalliesModule {}

let number = 0;

/** Gives the position of the last one. */
export const tally = async (store: EventStore, key: string, ...types: string[]): Promise<string> => {
  const events = types.map((type) => {
    const id = deterministicId('tally', `${number++}`);
    const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system' as const, actorId: 'test', recordedAt: new Date().toISOString(), schemaVersion: '1' };
    return { id, type, data: {}, metadata };
  });
  return (await store.append([{ stream: `tally-${key}`, expected: 'any', events }])).position;
};
