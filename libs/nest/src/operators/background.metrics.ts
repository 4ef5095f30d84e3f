import type { Following } from '@kendt/eventsourcing';
import type { Consumers } from '../runtime/consumers.js';
import type { Followers } from '../runtime/followers.js';
import type { Metrics, Reading } from './metrics.js';

/** How far everything is that runs in the background. */
export const backgroundMetrics = (metrics: Metrics, followers: Followers, consumers: Consumers): void => {
  followerMetrics(metrics, followers);
  logMetrics(metrics, followers);
  leaseMetrics(metrics, followers);
  consumerMetrics(metrics, consumers);
};

const consumerMetrics = (metrics: Metrics, consumers: Consumers): void => {
  const waiting = metrics.fresh(() => consumers.waiting());
  const lag = metrics.fresh(() => consumers.lag());
  metrics.gauge('kendt_consumer_running', () => consumers.states().map(({ group, running }) => ({ labels: { name: group }, value: Number(running) })));
  metrics.gauge('kendt_consumer_waiting_keys', async () => (await unlessLost(waiting)).map(({ group, keys }) => ({ labels: { name: group }, value: keys })));
  metrics.gauge('kendt_consumer_lag_messages', async () => (await unlessLost(lag)).map(({ group, topic, messages }) => ({ labels: { name: group, topic }, value: messages })));
  const counted = (givenUp: boolean) => (): Reading =>
    consumers.counts().filter(({ reason }) => (reason !== undefined) === givenUp).map(({ group, topic, reason, messages }) => ({ labels: { name: group, topic, ...(reason && { reason }) }, value: messages }));
  metrics.count('kendt_consumer_retried_total', counted(false));
  metrics.count('kendt_consumer_dead_letters_total', counted(true));
};

const followerMetrics = (metrics: Metrics, followers: Followers): void => {
  const per = (value: (following: Following) => number) => (): Reading => acting(followers).map((following) => ({ labels: { name: following.name }, value: value(following) }));
  metrics.gauge('kendt_follower_caught_up', per(({ caughtUp }) => Number(caughtUp)));
  metrics.gauge('kendt_follower_parked_events', per(({ parkedCount }) => parkedCount));
  metrics.gauge('kendt_follower_seconds_since_batch', per(({ name }) => followers.secondsSinceMove(name)));
  metrics.gauge('kendt_follower_lag_seconds', per((following) => following.lagSeconds(new Date())));
  metrics.count('kendt_follower_events_total', per(({ takenCount }) => takenCount));
};

/** What is counted from the end of the log. */
const logMetrics = (metrics: Metrics, followers: Followers): void => {
  const tip = metrics.fresh(() => followers.tip());
  metrics.gauge('kendt_follower_lag_events', async () => {
    const end = await tip().catch(() => undefined);
    return end === undefined ? [] : acting(followers).flatMap(({ name, position }) => labelled(name, followers.eventsBehind(position, end)));
  });
  metrics.gauge('kendt_view_rebuild_progress_ratio', async () => {
    const end = await tip().catch(() => undefined);
    const building = followers.projections().flatMap((view) => view.building ?? []);
    return end === undefined ? [] : building.flatMap(({ name, position }) => labelled(name, followers.shareRead(position, end)));
  });
};

const leaseMetrics = (metrics: Metrics, followers: Followers): void => {
  const per = (value: (lease: ReturnType<Followers['leases']>[number]) => number) => (): Reading => followers.leases().map((lease) => ({ labels: { name: lease.name }, value: value(lease) }));
  metrics.gauge('kendt_lease_held', per(({ tenure }) => Number(tenure !== undefined)));
  metrics.count('kendt_lease_taken_total', per(({ takenCount }) => takenCount));
};

const acting = (followers: Followers): readonly Following[] => followers.running().filter(({ standsBy }) => !standsBy);

/** Where a number is not known there is no line: a zero would be a lie. */
const labelled = (name: string, value: number | undefined): Reading => (value === undefined ? [] : [{ labels: { name }, value }]);

/** One store that is away must not take all other numbers with it. */
const unlessLost = async <T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> => read().catch(() => []);
