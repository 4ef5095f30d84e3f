const year5138 = 10 ** 14;

/** Views give documents in the order of their ids: an id that begins with this puts what is later first. */
export const newestFirst = (time: string): string => String(year5138 - Date.parse(time)).padStart(16, '0');
