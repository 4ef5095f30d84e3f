import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from './event-store.port.js';
import type { DocumentWrite, View } from './views.port.js';

interface Held<T> {
  value: T | undefined;
  /** The position of the last event that changed it. */
  revision: Position;
  /** What stands in the view; `null`: nothing. */
  stands: string | null;
  changed: boolean;
}

const absent = (): Held<never> => ({ value: undefined, revision: '', stands: null, changed: false });

/** Somebody else has written the same documents or checkpoint: two projectors of one name are running. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Written in one transaction, so that nobody else waits long for their turn. */
const writeAtOnce = 500;

/** The documents that a projection has in hand: read once, folded in memory, written when told. */
export class DocumentsInHand<T extends object> {
  readonly #held = new Map<string, Held<T>>();
  changedCount = 0;

  constructor(private readonly view: View<T>) {}

  async load(ids: Iterable<string | undefined>): Promise<void> {
    const missing = new Set<string>();
    for (const id of ids) if (id !== undefined && !this.#held.has(id)) missing.add(id);
    if (missing.size === 0) return;
    for (const { id, value, revision } of await this.view.getEach([...missing])) {
      this.#held.set(id, { value, revision, stands: revision, changed: false });
      missing.delete(id);
    }
    for (const id of missing) this.#held.set(id, absent());
  }

  /** Passed over when the document has seen the event already. A fold that throws changes nothing. */
  fold(id: string, position: Position, next: (current: T | undefined) => T | undefined): void {
    const held = this.#held.get(id)!;
    if (held.revision >= position) return;
    const value = next(held.value);
    if (value === held.value) return;
    held.value = value;
    held.revision = position;
    if (held.changed) return;
    held.changed = true;
    this.changedCount++;
  }

  /** It was deleted from the view beside us. */
  gone(id: string): void {
    if (this.#held.has(id)) this.#held.set(id, absent());
  }

  /** @throws Overtaken when one of them was changed by somebody else; what it says then of the others is of no use any more. */
  async write(): Promise<void> {
    const changed = [...this.#held].filter(([, { changed }]) => changed);
    for (let n = 0; n < changed.length; n += writeAtOnce) {
      if (n > 0) await nextTurn();
      await this.#writeSome(changed.slice(n, n + writeAtOnce));
    }
    this.changedCount = 0;
  }

  /** Keeps the `limit` documents that were loaded last. */
  forget(limit: number): void {
    for (const id of this.#held.keys()) {
      if (this.#held.size <= limit) return;
      this.#held.delete(id);
    }
  }

  async #writeSome(changed: readonly (readonly [string, Held<T>])[]): Promise<void> {
    const writes = changed.flatMap(([id, { value, revision, stands }]): DocumentWrite<T>[] =>
      value === undefined && stands === null ? [] : [{ id, value, revision, replaces: stands }],
    );
    const conflicts = await this.view.write(writes);
    if (conflicts.length > 0) throw new Overtaken(`${conflicts.length} documents were changed by somebody else`);
    for (const [, held] of changed) {
      held.stands = held.value === undefined ? null : held.revision;
      held.changed = false;
    }
  }
}
