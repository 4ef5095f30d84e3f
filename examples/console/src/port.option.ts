/** @throws Error with one sentence. */
export const portOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error('--port must be a number from 0 to 65535');
  return Number(text);
};
