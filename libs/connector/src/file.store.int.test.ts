import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fs from 'node:fs';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from './file.store.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kendt-store-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file store', () => {
  it('remembers after a restart, in a file that nobody else reads', async () => {
    const path = join(folder, 'new', 'memory');
    const before = fileStore(path);
    await before.put('a/1', 'one');
    await before.put('b/1', 'line\nbreak');
    await before.put('a/2', 'two');
    await before.put('a/1', 'ONE');
    await before.remove('a/2');
    await before.remove('never');
    await before.close();
    const after = fileStore(path);
    expect(await after.list('a/')).toEqual([['a/1', 'ONE']]);
    expect(await after.get('b/1')).toBe('line\nbreak');
    expect(await after.get('a/2')).toBeUndefined();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await after.close();
  });

  it.each(['["half', '["whole","but no end"]', 'garbage\n', '{"a":1}\n'])('survives a process that was killed in the middle of a line: %j', async (torn) => {
    const path = join(folder, 'torn');
    rmSync(path, { force: true });
    const before = fileStore(path);
    await before.put('kept', 'æøå');
    await before.close();
    appendFileSync(path, torn);
    const after = fileStore(path);
    await after.put('next', '2');
    await after.close();
    const last = fileStore(path);
    expect(await last.list('')).toEqual([['kept', 'æøå'], ['next', '2']]);
    await last.close();
  });

  it('lets what is noted at the same time wait for the disk together, and in order', async () => {
    const path = join(folder, 'together');
    const store = fileStore(path, { staleLines: 50 });
    const alone = performance.now();
    for (let n = 0; n < 100; n++) await store.put('alone', String(n));
    const together = performance.now();
    await Promise.all(Array.from({ length: 1000 }, (_, n) => store.put(`key/${n % 100}`, String(n))));
    expect((performance.now() - together) / 1000).toBeLessThan((together - alone) / 100);
    await Promise.all([store.put('gone', '1'), store.remove('gone')]);
    await store.close();
    const after = fileStore(path);
    expect(await after.list('key/')).toEqual(Array.from({ length: 100 }, (_, n) => [`key/${n}`, String(900 + n)]).sort());
    expect(await after.get('gone')).toBeUndefined();
    await after.close();
  });

  it('knows nothing that is not on disk, and goes on when there is room again', async () => {
    const path = join(folder, 'full');
    const store = fileStore(path);
    await store.put('kept', '1');
    const write = jest.spyOn(fs, 'writeSync').mockImplementationOnce((file: number, text: unknown) => {
      fs.appendFileSync(file, (text as Buffer).subarray(0, 5));
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    await expect(store.put('lost', '1')).rejects.toThrow('no space');
    write.mockRestore();
    expect(await store.get('lost')).toBeUndefined();
    await store.put('next', '1');
    await store.close();
    const after = fileStore(path);
    expect(await after.list('')).toEqual([['kept', '1'], ['next', '1']]);
    await after.close();
  });

  it('does not grow without end', async () => {
    const path = join(folder, 'compact');
    const store = fileStore(path, { staleLines: 100 });
    for (let n = 0; n <= 101; n++) await store.put('same', String(n));
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(10);
    await store.put('after', '1');
    await store.close();
    const again = fileStore(path);
    expect(await again.list('')).toEqual([['after', '1'], ['same', '101']]);
    await again.close();
  });
});
