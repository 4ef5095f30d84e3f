import type { ConsumeOptions, TopicMessage, Topics } from '@kendt/eventsourcing';
import { currentTrace } from '../http/trace.js';
import { handedOn } from './observed-topics.js';
import { millisecondsSince, type Observer, outcomeOf, secondsSince } from './observer.js';

/** What became of a message that was not simply handled. */
export interface MessageFate {
  readonly outcome: 'set_aside' | 'dead_letter';
  readonly code: string;
}

/**
 * The topics, with each message that is consumed in a span of the trace that it came with, timed, and a line in the log. `fateOf` is
 * asked once the message counts as handled.
 */
export const observedMessages = (topics: Topics, observer: Observer, fateOf: (message: TopicMessage) => MessageFate | undefined): Topics => {
  const consume = (options: ConsumeOptions): Promise<void> => topics.consume({ ...options, handle: (message) => observe(observer, options, message, fateOf) });
  return { ...handedOn(topics), consume };
};

const observe = (observer: Observer, { group, handle }: ConsumeOptions, message: TopicMessage, fateOf: (message: TopicMessage) => MessageFate | undefined): Promise<void> => {
  const { topic } = message;
  const attributes = { 'messaging.operation.type': 'process', 'messaging.destination.name': topic, 'messaging.consumer.group.name': group };
  return observer.tracing.inSpan({ name: `process ${topic}`, kind: 'consumer', traceparent: message.headers['traceparent'], attributes }, async (span) => {
    const begun = performance.now();
    const say = (outcome: string, code: string): void => {
      span.setAttribute('kendt.code', code);
      observer.metrics.observe('kendt_consumer_message_seconds', { name: group, outcome }, secondsSince(begun));
      observer.logger.info({ traceId: currentTrace()?.traceId, group, topic, ms: millisecondsSince(begun), code }, 'message');
    };
    try {
      await handle(message);
    } catch (error) {
      say('failed', outcomeOf(error));
      throw error;
    }
    const fate = fateOf(message);
    say(fate?.outcome ?? 'ok', fate?.code ?? 'OK');
  });
};
