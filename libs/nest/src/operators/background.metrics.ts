import type { Following } from '@kendt/eventsourcing';
import type { Consumers } from '../runtime/consumers.js';
import type { Followers } from '../runtime/followers.js';
import type { Metrics } from './metrics.js';

/** How far everything is that runs in the background. */
export const backgroundMetrics = (metrics: Metrics, followers: Followers, consumers: Consumers): void => {
  followerMetrics(metrics, followers);
  consumerMetrics(metrics, consumers);
};

const consumerMetrics = (metrics: Metrics, consumers: Consumers): void => {
  metrics.gauge('kendt_consumer_running', 'Whether a consumer is connected', () => consumers.states().map(({ group, running }) => ({ labels: { name: group }, value: Number(running) })));
  metrics.gauge('kendt_consumer_waiting_keys', 'Customers of whom a message could not be handled yet, so that their later ones wait', async () =>
    (await consumers.waiting()).map(({ group, keys }) => ({ labels: { name: group }, value: keys })));
  metrics.gauge('kendt_consumer_lag_messages', 'Messages that a consumer has not taken yet', async () =>
    (await consumers.lag().catch(() => [])).map(({ group, topic, messages }) => ({ labels: { name: group, topic }, value: messages })), ['name', 'topic']);
  const counted = (givenUp: boolean) => () =>
    consumers.counts().filter(({ reason }) => (reason !== undefined) === givenUp).map(({ group, topic, reason, messages }) => ({ labels: { name: group, topic, ...(reason && { reason }) }, value: messages }));
  metrics.count('kendt_consumer_retried_total', 'Messages that could not be handled at once, since the start', counted(false), ['name', 'topic']);
  metrics.count('kendt_consumer_dead_letters_total', 'Messages that a consumer gave up since the start', counted(true), ['name', 'topic', 'reason']);
};

const followerMetrics = (metrics: Metrics, followers: Followers): void => {
  const acting = (): readonly Following[] => followers.running().filter(({ standsBy }) => !standsBy);
  const per = (value: (following: Following) => number) => () => acting().map((following) => ({ labels: { name: following.name }, value: value(following) }));
  metrics.gauge('kendt_follower_caught_up', 'Whether a follower has read all history', per(({ caughtUp }) => Number(caughtUp)));
  metrics.gauge('kendt_follower_parked_events', 'Events that a follower could not handle, or that wait behind one', per(({ parkedCount }) => parkedCount));
  metrics.gauge('kendt_follower_seconds_since_batch', 'Seconds since a follower last moved', per(({ name }) => followers.secondsSinceMove(name)));
  metrics.gauge('kendt_follower_lag_seconds', 'Age of the oldest event that a follower may not have handled; 0 when none waits', per((following) => following.lagSeconds(new Date())));
  metrics.count('kendt_follower_events_total', 'Events that a follower has taken since the start', per(({ takenCount }) => takenCount));
  metrics.gauge('kendt_follower_lag_events', 'Events in the log behind a follower; those of other categories count as well', async () => {
    const tip = await followers.tip();
    return acting().flatMap(({ name, position }) => labelled(name, followers.eventsBehind(position, tip)));
  });
  metrics.gauge('kendt_lease_held', 'Whether this process holds a lease: 0 where it stands by', () =>
    followers.leases().map(({ name, tenure }) => ({ labels: { name }, value: Number(tenure !== undefined) })),
  );
  metrics.gauge('kendt_view_rebuild_progress_ratio', 'How much of the log a build of a view has read, 0 to 1', async () => {
    const tip = await followers.tip();
    const building = followers.projections().flatMap((view) => view.building ?? []);
    return building.flatMap(({ name, position }) => labelled(name, followers.shareRead(position, tip)));
  });
};

/** Where a number is not known there is no line: a zero would be a lie. */
const labelled = (name: string, value: number | undefined) => (value === undefined ? [] : [{ labels: { name }, value }]);
