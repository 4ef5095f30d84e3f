import { Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { byKey, deterministicId, type EventStore, publishing, type ReadView, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { Followers } from '../runtime/followers.js';
import { TOPICS } from '../tokens.js';

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

/** Publishes them to the topic `tallies`; those of the type `secret` have no public word. */
@Injectable()
class ToldTallies implements OnModuleInit {
  constructor(
    @Inject(Followers) private readonly followers: Followers,
    @Inject(TOPICS) private readonly topics: Topics,
  ) {}

  onModuleInit(): void {
    const map = ({ id, type, stream }: StoredEvent) => {
      if (type === 'secret') throw new Refusal('MESSAGE_INVALID', 'It says too much', 'invalid');
      return [{ topic: 'tallies', key: stream, value: Buffer.from(type), headers: { ce_id: id } }];
    };
    const define = (name: string) => ({ name, cleanup: 'delete' as const });
    this.followers.add(publishing(this.topics, { name: 'publish-tallies', categories: ['tally'], topics: ['tallies'], define, map }), { lease: 'tallies' });
  }
}

@Module({ providers: [ToldTallies] })
export class ToldTalliesModule {}

let number = 0;

interface Tallied {
  readonly type: string;
  readonly traceparent?: string;
}

/** Gives the position of the last one. */
export const tally = async (store: EventStore, key: string, ...tallied: (string | Tallied)[]): Promise<string> => {
  const events = tallied.map((one) => {
    const { type, traceparent }: Tallied = typeof one === 'string' ? { type: one } : one;
    const id = deterministicId('tally', `${number++}`);
    const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system' as const, actorId: 'test', recordedAt: new Date().toISOString(), schemaVersion: '1', ...(traceparent && { traceparent }) };
    return { id, type, data: {}, metadata };
  });
  return (await store.append([{ stream: `tally-${key}`, expected: 'any', events }])).position;
};
