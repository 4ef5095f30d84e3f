import type { Position, StoredEvent } from './event-store.port.js';
import { type View, ViewConflict } from './views.port.js';

/** The next value of a document; `undefined` deletes it. */
export type DocumentFold<T> = (current: T | undefined) => T | undefined;

const tries = 5;

/**
 * Applies one event to one document, once in effect: the document's revision is the position of the last event applied,
 * and an event that is not behind it is passed over.
 */
export const project = async <T extends object>(view: View<T>, id: string, event: Pick<StoredEvent, 'position'>, next: DocumentFold<T>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await projectOnce(view, id, event.position, next);
    } catch (error) {
      if (!(error instanceof ViewConflict) || attempt === tries) throw error;
    }
  }
};

const projectOnce = async <T extends object>(view: View<T>, id: string, position: Position, next: DocumentFold<T>): Promise<void> => {
  const document = await view.get(id);
  if (document && document.revision >= position) return;
  const value = next(document?.value);
  if (value === undefined) return document ? view.delete(id) : undefined;
  await view.put(id, value, { revision: position, replaces: document?.revision ?? null });
};
