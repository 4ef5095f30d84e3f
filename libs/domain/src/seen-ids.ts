/**
 * A set that only grows, never changed in place: sets of falling size, and those of equal size become one. An id is copied
 * once for every doubling, so that ten thousand of them are folded in milliseconds.
 */
export type SeenIds = readonly ReadonlySet<string>[];

export const hasSeen = (seen: SeenIds, id: string): boolean => seen.some((ids) => ids.has(id));

export const withId = (seen: SeenIds, id: string): SeenIds => {
  if (hasSeen(seen, id)) return seen;
  const larger = [...seen];
  let last: ReadonlySet<string> = new Set([id]);
  while (larger.at(-1)?.size === last.size) last = new Set([...larger.pop()!, ...last]);
  return [...larger, last];
};
