import type { Broker, Cluster, KafkaMessage } from 'kafkajs';
import type { KafkaClient } from './client.js';
import { clusterOf } from './cluster.js';
import { isAway, toFailure } from './failures.js';
import { type KafkaRecord, toRecord } from './message.js';
import type { Position } from './positions.js';
import { within } from './publisher.js';

interface Fetched {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly (KafkaMessage & { readonly isControlRecord?: boolean })[] }[] }[];
}

const readCommitted = 1;
const fetchBytes = 1024 * 1024;
/** A batch of which compaction has left nothing hides what follows it, if that is larger than what was asked for. */
const wideBytes = 16 * fetchBytes;
const tries = 5;

/** Reads a partition without a group. */
export class KafkaReader {
  private readonly opened;
  private readonly cluster: Cluster;

  constructor(private readonly client: KafkaClient) {
    this.opened = client.open();
    this.cluster = clusterOf(this.opened.kafka, 'no-group');
  }

  /** From a position up to, and without, `end`. */
  async *read(topic: string, { partition, offset }: Position, end: string, signal?: AbortSignal): AsyncGenerator<KafkaRecord> {
    let next = BigInt(offset);
    while (next < BigInt(end) && !signal?.aborted) {
      const messages = (await this.fetch(topic, partition, next, fetchBytes)) ?? (await this.fetch(topic, partition, next, wideBytes));
      if (!messages) return; // compaction has left nothing up to the end
      for (const message of messages) {
        if (BigInt(message.offset) >= BigInt(end) || signal?.aborted) return;
        if (!message.isControlRecord) yield toRecord(topic, partition, message);
      }
      next = BigInt(messages.at(-1)!.offset) + 1n;
    }
  }

  async close(): Promise<void> {
    await within(this.client.timing.close, this.cluster.disconnect());
    this.opened.cut();
  }

  /** Undefined when there is none in what the broker gives. */
  private async fetch(topic: string, partition: number, offset: bigint, maxBytes: number): Promise<Fetched['responses'][0]['partitions'][0]['messages'] | undefined> {
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
    const request = { isolationLevel: readCommitted, maxWaitTime: this.client.timing.fetchWait, minBytes: 1, maxBytes, topics: [{ topic, partitions }] };
    for (let attempt = 1; ; attempt++) {
      try {
        const { responses } = (await (await this.leader(topic, partition)).fetch(request)) as Fetched;
        const messages = responses[0]?.partitions[0]?.messages.filter((message) => BigInt(message.offset) >= offset);
        return messages?.length ? messages : undefined;
      } catch (error) {
        if (attempt === tries || !isAway(error)) throw toFailure(error);
        await this.cluster.refreshMetadata().catch(() => undefined); // the leader has moved, or is away
      }
    }
  }

  private async leader(topic: string, partition: number): Promise<Broker> {
    await this.cluster.connect();
    await this.cluster.addTargetTopic(topic);
    await this.cluster.refreshMetadataIfNecessary();
    const [nodeId] = Object.keys(this.cluster.findLeaderForPartitions(topic, [partition]));
    return this.cluster.findBroker({ nodeId: nodeId! });
  }
}
