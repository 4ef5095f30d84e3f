import type { View } from '@kendt/eventsourcing';

const year5138 = 10 ** 14;

/** Views give documents in the order of their ids: an id that begins with this puts what is later first. */
export const newestFirst = (time: string): string => String(year5138 - Date.parse(time)).padStart(16, '0');

/** Everything of one index value, however much it is. */
export const deleteAll = async <T extends object>(view: View<T>, index: string, value: string): Promise<void> => {
  for (let more = true; more; ) {
    const { documents, next } = await view.find(index, value, { limit: 500 });
    for (const { id } of documents) await view.delete(id);
    more = next !== undefined;
  }
};
