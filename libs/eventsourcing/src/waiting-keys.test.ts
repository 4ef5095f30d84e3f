import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryViews } from './memory/views.memory.js';
import { WaitingKeys } from './waiting-keys.js';

describe('a waiting key', () => {
  let views: MemoryViews;
  let here: WaitingKeys;
  let there: WaitingKeys;
  beforeEach(() => {
    views = new MemoryViews();
    [here, there] = [new WaitingKeys(views, 'g'), new WaitingKeys(views, 'g')];
  });

  it('is known to every member of its group, and to no other group', async () => {
    await here.add('in', 'ida', 'STORE_AWAY', 0);
    expect(await there.holds('in', 'ida')).toBe(true);
    expect([await there.holds('in', 'bo'), await there.holds('other', 'ida'), await new WaitingKeys(views, 'other').holds('in', 'ida')]).toEqual([false, false, false]);
  });

  it('is taken by one member alone, and by another once that one has had a minute', async () => {
    const dying = new WaitingKeys(views, 'g', -1);
    await here.add('in', 'ida', 'STORE_AWAY', 0);
    expect(await dying.take(10)).toHaveLength(1);
    const [taken] = await here.take(10);
    expect(taken?.value).toMatchObject({ topic: 'in', key: 'ida', attempts: 0, reason: 'STORE_AWAY' });
    expect(await there.take(10)).toEqual([]);
  });

  it('is not changed any more by whoever was too slow', async () => {
    const slow = new WaitingKeys(views, 'g', -1);
    await here.add('in', 'ida', 'STORE_AWAY', 0);
    const [first] = await slow.take(10);
    expect(slow.isStillOurs(first!)).toBe(false);
    const [second] = await here.take(10);
    await slow.postpone(first!, 3, 'HANDLING_FAILED', 0);
    await slow.release(first!);
    expect(await there.take(10)).toEqual([]);
    await here.release(second!);
    expect(await here.count()).toBe(0);
  });

  it('is not let go when a message has come to it meanwhile, and is looked at again at once', async () => {
    await here.add('in', 'ida', 'STORE_AWAY', 0);
    const [taken] = await here.take(10);
    await there.add('in', 'ida', 'WAITS_BEHIND', 60_000);
    await here.release(taken!);
    expect(await there.holds('in', 'ida')).toBe(true);
    expect(await there.take(10)).toHaveLength(1);
  });

  it('is taken when it is due, not before, and begins anew where something older is sent again', async () => {
    expect(await here.untilNext()).toBeUndefined();
    await here.add('in', 'ida', 'STORE_AWAY', 60_000);
    expect(await here.untilNext()).toBeGreaterThan(1000);
    expect(await here.take(10)).toEqual([]);
    await here.begin('in', 'ida', 'MESSAGE_INVALID');
    expect((await here.take(10)).map(({ value }) => [value.reason, value.attempts])).toEqual([['MESSAGE_INVALID', 0]]);
  });
});
