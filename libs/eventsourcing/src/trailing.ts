import { setTimeout as sleep } from 'node:timers/promises';
import type { Bell } from './bell.js';
import type { EventBatch, EventStore, Position } from './event-store.port.js';

/** What a process has written down that acts. */
export interface Elsewhere {
  /** How far it is. */
  readonly position: Position;
  /** Another one each time that it shows that it lives. */
  readonly sign: string;
}

/** Work that another process does. */
export interface Trailed extends Pick<EventStore, 'subscribe'> {
  readonly after: Position;
  readonly categories: readonly string[];
  /** What the other process has written down. */
  readonly elsewhere: () => Promise<Elsewhere>;
  /** Whether somebody waits for a position. */
  readonly hurries: () => boolean;
  /** Rings when somebody begins to wait. */
  readonly urge: Bell;
  /** Everything of this batch is done. */
  readonly settled: (batch: EventBatch) => void;
}

const lookMs = 250;
const lookForWaiterMs = 10;
/** Who has something to do and does nothing for so long is dead or stands still; a while longer for one of several who wait for it. */
const patienceMs = 1000;
/** While history is read it shows every two seconds that it lives, between two batches. */
const patienceWithHistoryMs = 6000;

/**
 * Watches the work of another process without doing it: of each batch only whether that process is through with it. Ends when it does no more, so
 * that this one may act. Nothing rests on who of them is right: what both do is guarded, and one of them is overtaken.
 */
export const trail = async (trailed: Trailed, signal: AbortSignal): Promise<void> => {
  let elsewhere: Position = '';
  for await (const batch of trailed.subscribe({ after: trailed.after, categories: trailed.categories, signal })) {
    const last = batch.events.at(-1)?.position;
    if (last !== undefined && elsewhere < last) {
      const reached = await reachedElsewhere(trailed, last, batch.caughtUp ? patienceMs : patienceWithHistoryMs, signal);
      if (reached === undefined) return;
      elsewhere = reached;
    }
    if (signal.aborted) return;
    trailed.settled(batch);
  }
};

/** `undefined`: the other process does no more, or this one is to stop. */
const reachedElsewhere = async (trailed: Trailed, position: Position, patience: number, signal: AbortSignal): Promise<Position | undefined> => {
  const longest = patience * (1 + Math.random() / 2);
  for (let [before, since] = ['', performance.now()]; !signal.aborted; ) {
    await pause(trailed, signal);
    const { position: reached, sign } = await trailed.elsewhere();
    if (reached >= position) return reached;
    if (sign !== before) [before, since] = [sign, performance.now()];
    else if (performance.now() - since >= longest) return undefined;
  }
  return undefined;
};

const pause = async ({ hurries, urge }: Trailed, signal: AbortSignal): Promise<void> => {
  if (hurries()) return void (await sleep(lookForWaiterMs, undefined, { ref: false }));
  await urge.wait(AbortSignal.any([signal, AbortSignal.timeout(lookMs)]));
};
