import type { FollowOptions, StoredEvent } from '@kendt/eventsourcing';
import { causes, traceIdOf } from '../tracing/tracing.js';
import { millisecondsSince, type Observer } from './observer.js';

/** What has just happened is a span of each follower that takes it, and a line for whoever debugs. History is neither: there is too much of it. */
export const observedBatches =
  (follower: string, { logger, tracing }: Omit<Observer, 'metrics'>): NonNullable<FollowOptions['around']> =>
  async (events, live, work) => {
    if (!live) return work();
    const begun = performance.now();
    const headers = events.map(({ metadata }) => metadata.traceparent);
    const settled = await tracing.inSpan({ name: `follow ${follower}`, ...causes(headers), attributes: { 'kendt.follower': follower, 'kendt.events': events.length } }, work);
    if (logger.isLevelEnabled('debug')) logger.debug({ traceId: traceIdOf(headers[0]), follower, events: events.map(nameOf), ms: millisecondsSince(begun) }, 'events');
    return settled;
  };

/** By type and id, never by stream: the key of one may name a customer. */
const nameOf = ({ type, id }: StoredEvent): string => `${type} ${id}`;
