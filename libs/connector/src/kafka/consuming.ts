import type { ConsumeControl, From } from '../reading.js';
import type { KafkaAdmin } from './admin.js';
import type { KafkaClient } from './client.js';
import { leaveInPlaceOf } from './coordinator.js';
import { TopicsUnavailable } from './failures.js';
import { Gate } from './gate.js';
import { type Lane, pause } from './lane.js';
import { Member } from './member.js';
import type { KafkaRecord } from './message.js';

export interface KafkaConsumeOptions {
  readonly topics: readonly string[] | RegExp;
  readonly group: string;
  readonly from?: From;
  /** How many messages may be in hand at once, each of another key. One unless told: then those of a partition come one after the other, whatever their key. */
  readonly atOnce?: number;
  readonly handle: (record: KafkaRecord) => Promise<void>;
  readonly signal: AbortSignal;
  readonly control?: (control: ConsumeControl) => void;
}

/** What a consumer needs beside its client. */
export interface Surroundings {
  readonly client: KafkaClient;
  readonly admin: KafkaAdmin;
  /** Lets a group begin where it is told, in topics of which it has read nothing. */
  readonly begin: (group: string, topics: readonly string[], from: From) => Promise<void>;
}

const firstPauseMs = 100;
const longestPauseMs = 1_000;

/** Follows topics until `signal` aborts; takes a lost connection up again for as long as that. Rejects when trying again would not help. */
export const consumeKafka = (surroundings: Surroundings, options: KafkaConsumeOptions): Promise<void> => new Consuming(surroundings, options).run();

class Consuming {
  private readonly gate = new Gate();
  private lanes: ReadonlyMap<string, Lane> = new Map();
  private failures = 0;
  private begun = false;
  /** A membership of ours that the group may not know to be over. */
  private lost: string | undefined;
  private joined = false;

  constructor(
    private readonly surroundings: Surroundings,
    private readonly options: KafkaConsumeOptions,
  ) {}

  async run(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      try {
        await this.once();
        this.failures = 0;
      } catch (error) {
        if (!(error instanceof TopicsUnavailable)) throw error;
        await pause(Math.min(firstPauseMs * 2 ** this.failures++, longestPauseMs), signal);
      }
    }
    await Promise.all([...this.lanes.values()].map(({ done }) => done));
  }

  /** One membership, until the topics change. */
  private async once(): Promise<void> {
    const { group, from = 'start', atOnce = 1, signal, handle } = this.options;
    const topics = await this.topicsNow();
    if (!this.begun) await this.surroundings.begin(group, topics, from);
    this.begun = true; // what is made later is taken from its start
    if (topics.length === 0) {
      this.handOver();
      return pause(this.surroundings.client.timing.refresh, signal);
    }
    if (this.lost !== undefined) await leaveInPlaceOf(this.surroundings.client, group, this.lost);
    this.lost = undefined;
    const changed = new AbortController();
    const stop = AbortSignal.any([signal, changed.signal]);
    const member = new Member(this.surroundings.client, { group, topics, atOnce, handle, mayGoOn: (until) => this.gate.open(until), joined: () => this.handOver() }, this.lanes);
    const looking = this.lookForTopics(topics, stop, changed);
    let lost = false;
    try {
      await member.run(stop);
    } catch (error) {
      lost = true;
      throw error;
    } finally {
      changed.abort();
      // Told to stop, a consumer finishes what it has in hand, however long that takes; new topics wait for nobody so long.
      this.lanes = await member.leave(signal.aborted ? 2 ** 31 - 1 : this.surroundings.client.timing.session / 2);
      if (lost) this.lost = member.gone;
      await looking;
    }
  }

  private handOver(): void {
    this.failures = 0;
    if (this.joined) return;
    this.joined = true;
    this.options.control?.(this.gate);
  }

  private async topicsNow(): Promise<readonly string[]> {
    const { topics } = this.options;
    return (await this.surroundings.admin.names()).filter((name) => (topics instanceof RegExp ? name.search(topics) >= 0 : topics.includes(name)));
  }

  private async lookForTopics(known: readonly string[], signal: AbortSignal, changed: AbortController): Promise<void> {
    const { topics } = this.options;
    if (!(topics instanceof RegExp) && new Set(topics).size === known.length) return;
    while (!signal.aborted) {
      await pause(this.surroundings.client.timing.refresh, signal);
      const now = signal.aborted ? known : await this.topicsNow().catch(() => known);
      if (now.join() !== known.join()) changed.abort();
    }
  }
}
