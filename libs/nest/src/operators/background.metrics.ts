import type { Following } from '@kendt/eventsourcing';
import type { Consumers } from '../runtime/consumers.js';
import type { Followers } from '../runtime/followers.js';
import type { Metrics } from './metrics.js';

/** How far everything is that runs in the background. */
export const backgroundMetrics = (metrics: Metrics, followers: Followers, consumers: Consumers): void => {
  followerMetrics(metrics, followers);
  const perConsumer = (value: (state: ReturnType<Consumers['states']>[number]) => number) => () =>
    consumers.states().map((state) => ({ labels: { name: state.group }, value: value(state) }));
  metrics.gauge('kendt_consumer_running', 'Whether a consumer is connected', perConsumer(({ running }) => Number(running)));
  metrics.gauge('kendt_consumer_dead_letters', 'Messages that a consumer put aside since the start', perConsumer(({ deadLetters }) => deadLetters));
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
