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
    const session = new Session(client, { ...options, after: reader.seen, searchWindow: searchWindow[phase] });
    try {
      for (let step; (step = await session.next(signal)); failures = 0) {
        const through = phase === 'history' && step.caughtUp;
        const batch = through ? reader.last(step) : reader.batch(step);
        if (batch) yield batch;
        if (!through) continue;
        phase = 'end';
        break;
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
  /** Everything up to here has come: where the next connection begins. */
  seen: Position;
  private told: Position;
  private held: Position;
  private toldCaughtUp = false;

  constructor(after: Position) {
    this.seen = this.told = this.held = after;
  }

  /** Of history: that nothing was behind it is for the next connection to say. */
  last(step: Step): EventBatch | undefined {
    return step.events.length > 0 ? this.batch({ ...step, caughtUp: false }) : undefined;
  }

  batch({ events, position = this.seen, caughtUp }: Step): EventBatch | undefined {
    const fresh = events.filter((event) => event.position > this.seen);
    if (position > this.seen) this.seen = position;
    // A checkpoint may be followed by the word that nothing was behind it: it is given out when it was not.
    const at = caughtUp ? this.seen : (fresh.at(-1)?.position ?? this.held);
    this.held = this.seen;
    const news = at > this.told || (caughtUp && !this.toldCaughtUp);
    if (fresh.length > 0 || caughtUp) this.toldCaughtUp = caughtUp;
    this.told = at;
    return news ? { events: fresh, position: at, caughtUp } : undefined;
  }
}

/** Longer each time, and never the same for two subscribers, so that they do not all come back at once. */
const pause = async (failures: number, signal: AbortSignal): Promise<void> => {
  const longest = Math.min(longestPause, 100 * 2 ** failures);
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
};
