import { describe, expect, it } from '@jest/globals';
import { hasSeen, type SeenIds, withId } from './seen-ids.js';

const grown = (count: number): SeenIds => Array.from({ length: count }, (_, n) => `id-${n}`).reduce<SeenIds>(withId, []);

describe('ids that were seen', () => {
  it('knows every one of them and no other', () => {
    const seen = grown(1000);
    expect(Array.from({ length: 1000 }, (_, n) => hasSeen(seen, `id-${n}`)).every(Boolean)).toBe(true);
    expect(hasSeen(seen, 'id-1000')).toBe(false);
  });

  it('keeps each once, in few sets', () => {
    const seen = withId(grown(1000), 'id-7');
    expect(seen.reduce((sum, { size }) => sum + size, 0)).toBe(1000);
    expect(seen.length).toBeLessThanOrEqual(10);
  });

  it('leaves what was there before as it was', () => {
    const before = grown(3);
    withId(before, 'one more');
    expect(hasSeen(before, 'one more')).toBe(false);
  });
});
