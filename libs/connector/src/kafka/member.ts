import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { assigner } from './assigner.js';
import type { KafkaClient } from './client.js';
import { Commits } from './commits.js';
import { toFailure } from './failures.js';
import { Lane } from './lane.js';
import type { KafkaRecord } from './message.js';
import { type PlacedMessage, placeOf, within } from './publisher.js';

export interface MemberOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** How many messages may be in hand at once, over all partitions; each partition may have one in any case. */
  readonly atOnce: number;
  readonly handle: (record: KafkaRecord) => Promise<void>;
  readonly mayGoOn: (signal: AbortSignal) => Promise<void>;
  readonly joined: () => void;
}

type Placed = Pick<PlacedMessage, 'topic' | 'partition'>;

const fetchedBytes = 1024 * 1024;

/** One membership of a group, for topics that are known. Ends when it is told to, or when the connection is lost. */
export class Member {
  private readonly opened;
  private readonly consumer: Consumer;
  private readonly commits: Commits;
  private lanes = new Map<string, Lane>();
  private memberId: string | undefined;
  private stopped = false;
  private finished = true;
  private readonly ended = Promise.withResolvers<void>();

  constructor(
    private readonly client: KafkaClient,
    private readonly options: MemberOptions,
    /** Lanes of the membership before, which may have messages in hand. */
    private readonly before: ReadonlyMap<string, Lane>,
  ) {
    const { session, heartbeat, fetchWait } = client.timing;
    this.opened = client.open();
    this.consumer = this.opened.kafka.consumer({
      groupId: options.group,
      partitionAssigners: [assigner(() => this.finishWhatIsInHand(session / 2))],
      sessionTimeout: session, heartbeatInterval: heartbeat, rebalanceTimeout: session * 2,
      maxWaitTimeInMs: fetchWait, maxBytesPerPartition: fetchedBytes, metadataMaxAge: 30_000, allowAutoTopicCreation: false,
      retry: { retries: 3, restartOnFailure: async () => false },
    });
    this.commits = new Commits((offsets) => this.consumer.commitOffsets(offsets));
    this.consumer.on(this.consumer.events.GROUP_JOIN, (event) => this.divide(event));
    this.consumer.on(this.consumer.events.CRASH, ({ payload: { error } }) => this.ended.reject(error));
  }

  /** As the group knows it, once it has left and has nothing in hand any more. */
  get gone(): string | undefined {
    return this.stopped && this.finished ? this.memberId : undefined;
  }

  /** Resolves when `signal` aborts. @throws TopicsUnavailable when the connection is lost. */
  async run(signal: AbortSignal): Promise<ReadonlyMap<string, Lane>> {
    const end = (): void => this.ended.resolve();
    signal.addEventListener('abort', end);
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
      await this.consumer.run({ autoCommit: false, eachBatch: (payload) => this.take(payload) });
      if (signal.aborted) end();
      await this.ended.promise;
    } catch (error) {
      throw toFailure(error);
    } finally {
      signal.removeEventListener('abort', end);
    }
    return this.lanes;
  }

  /** What is in hand is finished, at most for `ms`, and committed; then the group is left. */
  async leave(ms: number): Promise<ReadonlyMap<string, Lane>> {
    this.stopped = true;
    await this.finishWhatIsInHand(ms);
    this.commits.stop();
    await within(this.client.timing.close, this.consumer.disconnect());
    this.opened.cut();
    return this.lanes;
  }

  private async finishWhatIsInHand(ms: number): Promise<void> {
    for (const lane of this.lanes.values()) lane.stop();
    this.finished = false;
    await within(ms, Promise.all([...this.lanes.values()].map(({ done }) => done)).then(() => (this.finished = true)));
    await within(this.client.timing.close, this.commits.flush());
  }

  /** The group is divided anew: what was fetched before is fetched again, from where this member has come to, if it has stayed a member. */
  private divide({ payload: { memberId, memberAssignment } }: ConsumerGroupJoinEvent): void {
    const stayed = memberId === this.memberId;
    const old = this.memberId === undefined ? this.before : this.lanes;
    this.memberId = memberId;
    this.lanes = new Map();
    const places = Object.entries(memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    const width = Math.max(1, Math.floor(this.options.atOnce / places.length));
    for (const place of places) this.open(place, width, old.get(placeOf(place)), stayed);
    this.commits.keep((place) => this.lanes.has(place));
    this.options.joined();
  }

  private open({ topic, partition }: Placed, width: number, before: Lane | undefined, stayed: boolean): void {
    const lane = new Lane({
      topic, partition, width,
      handle: this.options.handle, mayGoOn: this.options.mayGoOn,
      handled: (offset) => this.commits.note({ topic, partition, offset }),
      full: (full) => (full ? this.consumer.pause([{ topic, partitions: [partition] }]) : this.consumer.resume([{ topic, partitions: [partition] }])),
    }, before);
    this.lanes.set(placeOf({ topic, partition }), lane);
    this.consumer.resume([{ topic, partitions: [partition] }]);
    // Also makes the client throw away what it is fetching for the division before.
    if (stayed && before?.next !== undefined) this.consumer.seek({ topic, partition, offset: before.next });
    if (this.stopped) lane.stop();
  }

  private async take({ batch: { topic, partition, messages } }: EachBatchPayload): Promise<void> {
    this.lanes.get(placeOf({ topic, partition }))?.take(messages);
  }
}
