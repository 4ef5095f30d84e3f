import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from './event-store.port.js';
import { Overtaken } from './overtaken.js';
import type { DocumentWrite, View } from './views.port.js';

interface Held<T> {
  value: T | undefined;
  /** The position of the last event that changed it. */
  revision: Position;
  /** What stands in the view; `null`: nothing. */
  stands: string | null;
  /** Where the events had come to before the first one that the view has not; `undefined`: the view has them all. */
  since: Position | undefined;
  /** Counts up with each load and each change. */
  touched: number;
}

/** Written in one transaction, so that nobody else waits long for their turn. */
const writeAtOnce = 500;

/** The documents that a projection has in hand: read once, folded in memory, written when told. */
export class DocumentsInHand<T extends object> {
  readonly #held = new Map<string, Held<T>>();
  #touches = 0;

  constructor(private readonly view: View<T>) {}

  get count(): number {
    return this.#held.size;
  }

  async load(ids: Iterable<string | undefined>): Promise<void> {
    const missing = new Set<string>();
    for (const id of ids) if (id !== undefined && !this.#held.has(id)) missing.add(id);
    if (missing.size === 0) return;
    for (const { id, value, revision } of await this.view.getEach([...missing])) {
      this.#held.set(id, { value, revision, stands: revision, since: undefined, touched: this.#touches++ });
      missing.delete(id);
    }
    for (const id of missing) this.#held.set(id, this.#absent());
  }

  /** Passed over when the document has seen the event already. A fold that throws changes nothing. `before`: where the events had come to. */
  fold(id: string, position: Position, before: Position, next: (current: T | undefined) => T | undefined): void {
    const held = this.#held.get(id)!;
    if (held.revision >= position) return;
    const value = next(held.value);
    if (value === held.value) return;
    held.value = value;
    held.revision = position;
    held.since ??= before;
    held.touched = this.#touches++;
  }

  /** It was deleted from the view beside us. */
  gone(id: string): void {
    if (this.#held.has(id)) this.#held.set(id, this.#absent());
  }

  /** @throws Overtaken when one of them was changed by somebody else; what it says then of the others is of no use any more. */
  write(): Promise<void> {
    return this.#writeChanged([...this.#held]);
  }

  /** Writes and lets go of those for which no event has come for longest, until `count` are left. @throws Overtaken as `write` does */
  async release(count: number): Promise<void> {
    const before = this.#touchesOfLast(count);
    const released = [...this.#held].filter(([, { touched }]) => touched < before);
    await this.#writeChanged(released);
    for (const [id] of released) this.#held.delete(id);
  }

  /** Up to where the view has all events, when they have come to `taken`. */
  writtenUpTo(taken: Position): Position {
    let upTo = taken;
    for (const { since } of this.#held.values()) if (since !== undefined && since < upTo) upTo = since;
    return upTo;
  }

  /** All but `count` documents were touched before. */
  #touchesOfLast(count: number): number {
    const touches = Float64Array.from(this.#held.values(), ({ touched }) => touched).sort();
    return touches[Math.max(0, touches.length - count)] ?? this.#touches;
  }

  #absent(): Held<T> {
    return { value: undefined, revision: '', stands: null, since: undefined, touched: this.#touches++ };
  }

  /** In the order of their ids: what lies together in a file is written together. */
  async #writeChanged(some: readonly (readonly [string, Held<T>])[]): Promise<void> {
    const changed = some.filter(([, { since }]) => since !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
    for (let n = 0; n < changed.length; n += writeAtOnce) {
      if (n > 0) await nextTurn();
      await this.#writeSome(changed.slice(n, n + writeAtOnce));
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
      held.since = undefined;
    }
  }
}
