import type { OutgoingMessage, Topics } from '@kendt/eventsourcing';
import { causes, type SpanWish } from '../tracing/tracing.js';
import { currentTrace } from '../http/trace.js';
import { type Observer, outcomeOf, secondsSince } from './observer.js';

/** The topics, with everything that is published timed, counted and a span. */
export const observedTopics = (topics: Topics, { metrics, tracing }: Omit<Observer, 'logger'>): Topics => {
  const publish = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    const begun = performance.now();
    let outcome = 'ok';
    try {
      await tracing.inSpan(spanOf(messages), () => topics.publish(messages));
      for (const [topic, ofTopic] of Map.groupBy(messages, (message) => message.topic)) metrics.add('kendt_published_messages_total', { topic }, ofTopic.length);
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      metrics.observe('kendt_publish_seconds', { outcome }, secondsSince(begun));
    }
  };
  return { ...handedOn(topics), publish };
};

/** The same topics, so that some of it can be put otherwise. */
export const handedOn = (topics: Topics): Topics => ({
  publish: (messages) => topics.publish(messages),
  ensure: (definitions) => topics.ensure(definitions),
  consume: (options) => topics.consume(options),
  read: (...args) => topics.read(...args),
  rewind: (...args) => topics.rewind(...args),
  lag: (...args) => topics.lag(...args),
  names: () => topics.names(),
  close: () => topics.close(),
});

/** Named as the standard wants it: what is done, and where where that is one place. */
const spanOf = (messages: readonly OutgoingMessage[]): SpanWish => {
  const names = [...new Set(messages.map(({ topic }) => topic))];
  const attributes = { 'messaging.operation.type': 'send', 'messaging.batch.message_count': messages.length, 'messaging.destination.name': names.join(' ') };
  const led = currentTrace() ? {} : causes(messages.map(({ headers }) => headers['traceparent']));
  return { name: names.length === 1 ? `publish ${names[0]}` : 'publish', kind: 'producer', ...led, attributes };
};
