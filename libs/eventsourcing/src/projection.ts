import { keyOf, type Position, type StoredEvent } from './event-store.port.js';
import { type View, ViewConflict, type ViewDefinition } from './views.port.js';

/**
 * How events fold into the documents of one view. Pure: the runner loads, writes and guards the documents, in batches. A
 * document's revision is the position of the last event that changed it, so each event has its effect once.
 */
export interface Projection<T extends object> extends ViewDefinition<T> {
  /** With its version: `customers@1`. Also names its checkpoint. A change of `next` or of the indexes is a new version. */
  readonly name: string;
  readonly categories: readonly string[];
  /** The document that an event concerns; `undefined`: none. */
  readonly document: (event: StoredEvent) => string | undefined;
  /** The next value of that document; `undefined` deletes it, the same object leaves it as it is. Never changes `current`. */
  readonly next: (current: T | undefined, event: StoredEvent) => T | undefined;
  /** An event that takes many documents away at once: all with this index value. It concerns no single document. */
  readonly forgets?: (event: StoredEvent) => { readonly index: string; readonly value: string } | undefined;
}

/** For a document that bears the key of the event's stream. */
export const byKey = ({ stream }: StoredEvent): string => keyOf(stream);

/** The next value of a document; `undefined` deletes it. */
export type DocumentFold<T> = (current: T | undefined) => T | undefined;

const tries = 5;

/**
 * For a follower that does more than fold: applies one event to one document, once in effect, as a {@link Projection} does.
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
