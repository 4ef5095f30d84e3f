import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { START } from '@kendt/eventsourcing';
import type { KurrentDBClient, Position, SubscribeToAllOptions } from '@kurrent/kurrentdb-client';
import { toPosition } from './records.js';
import { Session, type Step } from './session.js';

/** A subscription whose buffer is filled by hand, as the client's is by its connection. */
class Subscription extends Readable {
  override _read(): void {}
  unsubscribe = async (): Promise<void> => undefined;
}

const at = (n: number): Position => ({ commit: BigInt(n), prepare: BigInt(n) });
const resolved = (n: number): object => ({
  event: { streamId: 'word-a', id: `id${n}`, type: 'WordSaid', revision: BigInt(n), isJson: true, data: { data: { n } }, metadata: { commandId: 'c' }, position: at(n) },
});

const opened = (): { session: Session; push: (from: number, to: number) => void; checkpoint: (n: number) => void; caughtUp: (n: number) => void; end: () => void } => {
  const subscription = new Subscription({ objectMode: true, highWaterMark: 10_000 });
  let options: SubscribeToAllOptions = {};
  const client = { subscribeToAll: (given: SubscribeToAllOptions) => ((options = given), subscription) } as unknown as KurrentDBClient;
  const session = new Session(client, { after: START, categories: ['word'], searchWindow: 1, deadline: 1000 });
  return {
    session,
    push: (from, to) => {
      for (let n = from; n <= to; n++) subscription.push(resolved(n));
    },
    checkpoint: (n) => void options.filter?.checkpointReached?.(subscription, at(n)),
    caughtUp: (n) => subscription.emit('caughtUp', { position: at(n) }),
    end: () => subscription.push(null),
  };
};

const forever = new AbortController().signal;
const brief = (step: Step | undefined) => ({ count: step?.events.length, last: (step?.events.at(-1))?.revision, position: step?.position, caughtUp: step?.caughtUp });

it('gives at most 500 events at a time, and no checkpoint before all that came before it', async () => {
  const { session, push, checkpoint, caughtUp } = opened();
  push(1, 600);
  checkpoint(700);
  caughtUp(700);
  expect(brief(await session.next(forever))).toEqual({ count: 500, last: 500, position: toPosition(at(500)), caughtUp: false });
  expect(brief(await session.next(forever))).toEqual({ count: 100, last: 600, position: toPosition(at(700)), caughtUp: true });
  session.close();
});

it('gives what comes one by one in one turn of the loop as one batch', async () => {
  const { session, push } = opened();
  const step = session.next(forever);
  for (let n = 1; n <= 50; n++) {
    push(n, n);
    await Promise.resolve();
  }
  expect(brief(await step).count).toBe(50);
  session.close();
});

it('never takes a position back that an event has passed', async () => {
  const { session, push, checkpoint } = opened();
  checkpoint(3);
  push(4, 5);
  expect(brief(await session.next(forever))).toEqual({ count: 2, last: 5, position: toPosition(at(5)), caughtUp: false });
  session.close();
});

it('keeps only the last of many checkpoints for a slow reader', async () => {
  const { session, checkpoint } = opened();
  for (let n = 1; n <= 1000; n++) checkpoint(n);
  expect(brief(await session.next(forever))).toEqual({ count: 0, last: undefined, position: toPosition(at(1000)), caughtUp: false });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 10);
  expect(await session.next(abort.signal)).toBeUndefined();
  session.close();
});

it('says that the connection has ended once everything before was given', async () => {
  const { session, push, end } = opened();
  push(1, 2);
  end();
  expect(brief(await session.next(forever)).count).toBe(2);
  await expect(session.next(forever)).rejects.toMatchObject({ code: 'STORE_AWAY' });
  session.close();
});
