import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { holding, ticks } from './held-file.examples.js';
import { SqliteKeyRing } from './key-ring.sqlite.js';
import { LogSync } from './log-sync.js';
import { type TemporaryFolder, temporaryFolder } from './on-file.examples.js';

const keyEncryptionKey = new Uint8Array(randomBytes(32));

describe('a new key', () => {
  let kept: TemporaryFolder;
  let keys: SqliteKeyRing;
  beforeEach(async () => {
    kept = temporaryFolder();
    keys = await open();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await keys.close();
    kept.remove();
  });
  const open = (): Promise<SqliteKeyRing> => SqliteKeyRing.open({ file: join(kept.folder, 'keys.db'), keyEncryptionKey });

  /** A disk that takes its time, until it is told to be done. */
  const slowDisk = (): (() => void) => {
    const disk = Promise.withResolvers<void>();
    const now = LogSync.prototype.now;
    jest.spyOn(LogSync.prototype, 'now').mockImplementation(async function (this: LogSync) {
      await disk.promise;
      await now.call(this);
    });
    return disk.resolve;
  };

  it('is given to nobody before it is on disk, neither to who made it nor to who found it, in whatever process', async () => {
    const other = await open();
    const done = slowDisk();
    const given: string[] = [];
    const first = keys.obtain('c-1', 'contact').finally(() => given.push('made'));
    await sleep(20);
    const [second, third] = [keys, other].map((ring) => ring.obtain('c-1', 'contact').finally(() => given.push('found')));
    await sleep(20);
    expect(await keys.find('c-1', 'contact')).toHaveLength(32); // it is there, so the others have found it
    expect(given).toEqual([]);
    done();
    expect(new Set([await first, await second, await third].map((key) => Buffer.from(key!).toString('hex'))).size).toBe(1);
    await other.close();
  });

  it('is not waited for again once it is known to be on disk', async () => {
    const key = await keys.obtain('c-1', 'contact');
    slowDisk();
    expect(await keys.obtain('c-1', 'contact')).toEqual(key);
  });

  it('that was destroyed while its finder waited for the disk is not given', async () => {
    await keys.obtain('c-1', 'contact');
    const other = await open();
    const done = slowDisk();
    const found = other.obtain('c-1', 'contact');
    await keys.destroy('c-1', 'contact');
    done();
    expect(await found).toBeUndefined();
    await other.close();
  });

  it('shares its wait with all that are asked for meanwhile', async () => {
    const now = jest.spyOn(LogSync.prototype, 'now');
    const made = await Promise.all(Array.from({ length: 200 }, (_, n) => keys.obtain(`c-${n}`, 'contact')));
    expect(new Set(made.map((key) => key!.join())).size).toBe(200);
    expect(now).toHaveBeenCalledTimes(1);
  });

  it('is refused when the disk fails, and every later one', async () => {
    const log = await LogSync.open(join(kept.folder, 'keys.db'));
    await log.now();
    await log.close();
    await expect(log.now()).rejects.toThrow(/closed|EBADF/);
    await expect(log.now()).rejects.toThrow(/closed|EBADF/);
  });

  it('is made once another process lets go of the file, and this one goes on until then', async () => {
    const other = await holding(join(kept.folder, 'keys.db'));
    const [made, destroyed] = [keys.obtain('c-1', 'contact'), keys.destroy('c-2', 'contact')];
    await ticks(10);
    expect(await keys.find('c-1', 'contact')).toBeUndefined();
    await other.letGo();
    expect(await made).toHaveLength(32);
    await destroyed;
    expect(await keys.isDestroyed('c-2', 'contact')).toBe(true);
  });
});
