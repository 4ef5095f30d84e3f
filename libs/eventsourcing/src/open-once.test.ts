import { describe, expect, it } from '@jest/globals';
import { Refusal } from '@kendt/kernel';
import { MemoryViews } from './memory/views.memory.js';
import { openOnce } from './open-once.js';

describe('a view that is opened with its first use', () => {
  it('is opened once, and again only where that failed', async () => {
    const views = new MemoryViews();
    let [asked, away] = [0, true];
    const open: MemoryViews['open'] = async (definition) => {
      asked++;
      if (away) throw new Refusal('STORE_AWAY', 'The store cannot be reached', 'busy');
      return views.open(definition);
    };
    const view = openOnce({ open }, { name: 'tallies@1' });
    await expect(view()).rejects.toMatchObject({ code: 'STORE_AWAY' });
    away = false;
    expect(await Promise.all([view(), view()])).toHaveLength(2);
    expect(asked).toBe(2);
  });
});
