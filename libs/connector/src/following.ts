import { setTimeout as sleep } from 'node:timers/promises';
import { type Followed, header, keyOf, MessageRefused } from '@kendt/contracts';
import type { ConnectorProblem } from './connector.options.js';
import type { Handled } from './handled.js';
import { type ParkedMessage, type Parking, waits } from './parked.js';
import type { InSpan, SpanWish } from './span.js';
import type { ReceivedMessage } from './transport.port.js';
import type { Turns } from './turns.js';

/** One kind of thing that the connector follows, with what is done about it. */
export interface Following {
  readonly name: Followed;
  readonly topics: readonly string[] | RegExp;
  /** Reads the message and hands it to the user's handler. */
  readonly deliver: (message: ReceivedMessage) => Promise<void>;
  /** When it is given up for now. */
  readonly onParked?: (message: ReceivedMessage) => Promise<void>;
}

export interface FollowingContext {
  readonly handled: Handled;
  readonly parking: Parking;
  readonly turns: Turns;
  readonly onError: (problem: ConnectorProblem) => void;
  readonly clock: () => Date;
  readonly inSpan: InSpan;
  readonly system: string;
  readonly tries: number;
  readonly backoffMs: number;
}

const longestBackoffMs = 10_000;

/** Name and code, not the message: an error may quote what it choked on. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'ERROR';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Za-z0-9_-]{1,60}$/.test(code) ? `${error.name} ${code}` : error.name;
};

/** Source and id together (CloudEvents 1.0, 3.1.1): one event may tell several brands, each from a source of its own. */
const eventName = (message: ReceivedMessage): string => {
  const [source, id] = [header(message, 'ce_source'), header(message, 'ce_id')];
  return source && id ? `${source} ${id}` : `${message.topic}/${message.partition}/${message.offset}`;
};

/** Handles one message: once, in turn, with patience; what cannot be handled is parked, and what comes after it waits. */
export const follow = async (following: Following, context: FollowingContext, message: ReceivedMessage, signal: AbortSignal): Promise<void> => {
  const key = safeKey(message);
  await context.turns.take(key, async () => {
    if (await context.handled.has(following.name, eventName(message))) return;
    if (context.parking.holdsUp(following.name, key)) return park(following, context, message, waits, true);
    await context.inSpan(spanOf(following, context, message), async (span) => span.setAttribute('kendt.outcome', await attempt(following, context, message, signal)));
  });
};

const spanOf = ({ name }: Following, { system }: FollowingContext, message: ReceivedMessage): SpanWish => ({
  name: `process ${message.topic}`,
  kind: 'consumer',
  traceparent: header(message, 'traceparent'),
  attributes: { 'messaging.operation.type': 'process', 'messaging.destination.name': message.topic, 'kendt.system': system, 'kendt.following': name },
});

type Outcome = 'handled' | 'ignored' | 'parked';

const safeKey = (message: ReceivedMessage): string => {
  try {
    return keyOf(message);
  } catch {
    return '';
  }
};

const attempt = async (following: Following, context: FollowingContext, message: ReceivedMessage, signal: AbortSignal): Promise<Outcome> => {
  for (let n = 1; ; n++) {
    try {
      await following.deliver(message);
      await context.handled.add(following.name, eventName(message));
      return 'handled';
    } catch (error) {
      if (error instanceof MessageRefused) return refuse(following, context, message, error);
      report(context, following, message, error, n);
      if (n >= context.tries) return giveUp(following, context, message, error);
      await sleep(Math.min(context.backoffMs * 2 ** (n - 1), longestBackoffMs), undefined, { signal });
    }
  }
};

/** A type from a later version is none of our business; anything else that cannot be read is put aside, and the next go on. */
const refuse = async (following: Following, context: FollowingContext, message: ReceivedMessage, error: MessageRefused): Promise<Outcome> => {
  if (error.code === 'MESSAGE_TYPE_UNKNOWN') return 'ignored';
  report(context, following, message, error, 1);
  await park(following, context, message, reasonOf(error), false);
  return 'parked';
};

const giveUp = async (following: Following, context: FollowingContext, message: ReceivedMessage, error: unknown): Promise<Outcome> => {
  await following.onParked?.(message);
  await park(following, context, message, reasonOf(error), true);
  return 'parked';
};

const park = async ({ name }: Following, { parking, clock }: FollowingContext, message: ReceivedMessage, reason: string, blocks: boolean): Promise<void> => {
  const { topic, partition, offset } = message;
  await parking.park({ following: name, topic, partition, offset, key: safeKey(message), reason, since: clock().toISOString(), blocks });
};

const report = ({ onError }: FollowingContext, { name }: Following, message: ReceivedMessage, error: unknown, attempt: number): void => {
  const { topic, partition, offset } = message;
  onError({ following: name, topic, partition, offset, key: safeKey(message), reason: reasonOf(error), attempt, error });
};

/** Tries a parked message once more. False: it stays, and so do those behind it. */
export const retryParked = async (
  following: Following,
  context: FollowingContext,
  parked: ParkedMessage,
  message: ReceivedMessage | undefined,
): Promise<boolean> =>
  context.turns.take(parked.key, async () => {
    try {
      // A compacted topic that no longer keeps it has a newer one of the same customer.
      if (message && !(await context.handled.has(following.name, eventName(message)))) {
        await following.deliver(message);
        await context.handled.add(following.name, eventName(message));
      }
      await context.parking.release(parked);
      return true;
    } catch (error) {
      report(context, following, message ?? { ...parked, value: null, headers: {} }, error, 1);
      return !parked.blocks;
    }
  });
