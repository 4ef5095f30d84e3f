/** `12,000 of 40,000 (30 %), 6,000/s, 5 s left`: for long work on a terminal or in a log. */
export const progressText = (done: number, of: number | undefined, elapsedMs: number): string => {
  const perSecond = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const rate = perSecond > 0 ? `, ${count(perSecond)}/s` : '';
  if (of === undefined || of === 0) return `${count(done)}${rate}`;
  const left = perSecond > 0 && done < of ? `, ${Math.ceil((of - done) / perSecond)} s left` : '';
  return `${count(done)} of ${count(of)} (${Math.floor((done / of) * 100)} %)${rate}${left}`;
};

const count = (value: number): string => Math.round(value).toLocaleString('en');
