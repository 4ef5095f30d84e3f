import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBatch, Position, SubscribeOptions } from '@kendt/eventsourcing';
import type { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { isAway, toFailure } from './failures.js';
import { Session, type Step } from './session.js';

export interface SubscribingOptions extends SubscribeOptions {
  readonly deadline: number;
}

/** In history the server looks far before it reports; at the end it reports every event, so that a position is never behind. */
const searchWindow = { history: 500, end: 1 };
const longestPause = 5000;

/**
 * From history into live, over as many connections as it takes: the client never subscribes again by itself. Each begins after the last
 * position that was given out; the first ends with history, and the next one stays.
 */
export async function* subscribing(client: KurrentDBClient, options: SubscribingOptions): AsyncIterable<EventBatch> {
  const { signal } = options;
  const reader = new Reader(options.after);
  let phase: keyof typeof searchWindow = 'history';
  for (let failures = 0; !signal.aborted; ) {
    const session = new Session(client, { ...options, after: reader.position, searchWindow: searchWindow[phase] });
    try {
      for (let step; (step = await session.next(signal)); failures = 0) {
        const through = phase === 'history' && step.caughtUp;
        const batch = reader.batch(through ? { ...step, caughtUp: false } : step);
        if (batch) yield batch;
        if (through) {
          phase = 'end';
          break;
        }
      }
    } catch (error) {
      if (!isAway(error)) throw toFailure(error);
      phase = 'history';
      await pause(failures++, signal);
    } finally {
      session.close();
    }
  }
}

/** Knows what was given out, over all connections: drops what comes a second time, and what says nothing new. */
class Reader {
  private toldCaughtUp = false;

  constructor(public position: Position) {}

  batch({ events, position, caughtUp }: Step): EventBatch | undefined {
    const fresh = events.filter((event) => event.position > this.position);
    const moved = position !== undefined && position > this.position;
    const news = moved || (caughtUp && !this.toldCaughtUp);
    if (moved) this.position = position;
    this.toldCaughtUp = caughtUp || (this.toldCaughtUp && fresh.length === 0);
    return news ? { events: fresh, position: this.position, caughtUp } : undefined;
  }
}

/** Longer each time, and never the same for two subscribers, so that they do not all come back at once. */
const pause = async (failures: number, signal: AbortSignal): Promise<void> => {
  const longest = Math.min(longestPause, 100 * 2 ** failures);
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
};
