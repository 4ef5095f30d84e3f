import {
  type Comparison, dropView, type ParkedEvent, parkedView, publishesTo, type Rebuild, type RebuildOptions, type Republication, Republishing, type RepublishWish, type RunningView, type Views,
} from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import type { Followers } from '../runtime/followers.js';

export interface ListedView {
  /** `customers@1`, or `customers@1#2` for its second build. */
  readonly name: string;
  /** `left over`: of a version that this program no longer has; nothing follows it, so no erasure reaches it. */
  readonly state: 'active' | 'building' | 'kept' | 'left over';
  readonly documents: number;
  readonly position: string;
  readonly lagEvents?: number;
  /** 0 to 1. */
  readonly read?: number;
  readonly lagSeconds?: number;
  readonly events: number;
  readonly parked: number;
  readonly rebuild?: Rebuild;
}

/** 0 to 1, where the positions of this store count events. */
export type ListedRepublication = Republication & { readonly read?: number };

const listAtMost = 10_000;

/** What operators ask of the background work of this process. */
export class Operations {
  /** The last one of each topic since the start. */
  readonly #republications = new Map<string, Republishing>();

  constructor(
    private readonly followers: Followers,
    private readonly views: Views,
  ) {}

  async listViews(): Promise<ListedView[]> {
    const tip = await this.followers.tip();
    const listed = await Promise.all(this.followers.projections().map((view) => this.#builds(view, tip)));
    return [...listed.flat(), ...(await this.#leftOver())];
  }

  /** @throws Refusal VIEW_UNKNOWN, REBUILD_RUNNING */
  rebuild(name: string, options: RebuildOptions): Promise<Rebuild> {
    return this.#running(name).rebuild(options);
  }

  /** @throws Refusal VIEW_UNKNOWN */
  compare(name: string): Promise<Comparison> {
    return this.#running(baseOf(name)).compare(name);
  }

  /** @throws Refusal VIEW_UNKNOWN, VIEW_IN_USE */
  async drop(name: string): Promise<void> {
    const leftOver = (await this.#leftOver()).some((view) => view.name === name);
    if (leftOver) return dropView(this.views, name);
    await this.#running(baseOf(name)).drop(name);
  }

  /** In the order of their followers and positions; of other processes too, where they share the views. */
  async parked(): Promise<ParkedEvent[]> {
    const view = await this.views.open<ParkedEvent>(parkedView);
    const all: ParkedEvent[] = [];
    let cursor: string | undefined;
    do {
      const page = await view.list({ limit: 1000, ...(cursor !== undefined && { cursor }) });
      all.push(...page.documents.map(({ value }) => value));
      cursor = page.next;
    } while (cursor !== undefined && all.length < listAtMost);
    return all;
  }

  /** @throws Refusal FOLLOWER_UNKNOWN, FOLLOWER_STANDS_BY */
  async retryParked(follower: string | undefined, key: string | undefined): Promise<{ through: number; left: number }> {
    const known = this.followers.running().filter(({ name }) => follower === undefined || name === baseOf(follower));
    const wanted = known.filter(({ standsBy }) => !standsBy);
    if (known.length === 0) throw new Refusal('FOLLOWER_UNKNOWN', 'No such follower runs in this process', 'not-found');
    if (wanted.length === 0) throw new Refusal('FOLLOWER_STANDS_BY', standsBy);
    let through = 0;
    for (const following of wanted) through += await following.retryParked(key);
    return { through, left: wanted.reduce((sum, { parkedCount }) => sum + parkedCount, 0) };
  }

  /** Begins it; how it goes is listed. @throws Refusal TOPIC_UNKNOWN, FOLLOWER_STANDS_BY, REPUBLISH_RUNNING */
  republish(wish: RepublishWish): ListedRepublication {
    const found = this.followers.publishers().find(({ follower }) => publishesTo(follower.publisher, wish.topic));
    if (!found) throw new Refusal('TOPIC_UNKNOWN', 'No publisher of this process writes to a topic of this name', 'not-found');
    if (found.following.standsBy) throw new Refusal('FOLLOWER_STANDS_BY', standsBy);
    if (this.#republications.get(wish.topic)?.progress.state === 'running') throw new Refusal('REPUBLISH_RUNNING', 'This topic is being published again already');
    const begun = new Republishing(found, wish);
    this.#republications.set(wish.topic, begun);
    return this.#toldOf(begun);
  }

  listRepublications(): ListedRepublication[] {
    return [...this.#republications.values()].map((each) => this.#toldOf(each));
  }

  #toldOf({ progress }: Republishing): ListedRepublication {
    const read = this.followers.shareRead(progress.position, progress.upTo);
    return { ...progress, ...(read !== undefined && { read }) };
  }

  async #builds(view: RunningView<object>, tip: string): Promise<ListedView[]> {
    return (await view.states()).map(({ name, active, building, documents, following }) => {
      const [lagEvents, read] = [this.followers.eventsBehind(following.position, tip), this.followers.shareRead(following.position, tip)];
      return {
        name, documents, position: following.position, state: active ? 'active' : building ? 'building' : 'kept',
        ...(lagEvents !== undefined && { lagEvents }), ...(read !== undefined && { read }), lagSeconds: following.lagSeconds(new Date()),
        events: following.takenCount, parked: following.parkedCount,
        ...(view.rebuilding?.name === name && { rebuild: view.rebuilding }),
      };
    });
  }

  /** Other versions of views that are known by their base name; never the documents of something else, such as sessions. */
  async #leftOver(): Promise<ListedView[]> {
    const known = this.followers.projections().map(({ name }) => name);
    const bases = new Set(known.map((name) => name.split('@')[0]));
    const names = (await this.views.names()).filter((name) => bases.has(name.split('@')[0]) && !known.includes(baseOf(name)));
    return Promise.all(names.map(async (name) => ({ name, state: 'left over' as const, documents: await (await this.views.open({ name })).count(), position: '', events: 0, parked: 0 })));
  }

  #running(name: string): RunningView<object> {
    const running = this.followers.projections().find((view) => view.name === name);
    if (!running) throw new Refusal('VIEW_UNKNOWN', 'There is no view of this name', 'not-found');
    return running;
  }
}

const standsBy = 'This process stands by; ask the one that holds the lease, as /health/ready names it';

const baseOf = (name: string): string => name.split('#')[0]!;
