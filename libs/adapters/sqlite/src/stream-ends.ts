/** So many streams; some 10 MiB. */
const mostStreams = 50_000;

/**
 * Where streams end, as far as the log is known: who has folded one up to its end, which most commands have, then needs no look into
 * the file, also when its events are long forgotten here.
 */
export class StreamEnds {
  /** The revision that comes next; who moved last comes last. */
  readonly #next = new Map<string, number>();

  /** Nothing stands at this revision or after it. */
  isBehind(stream: string, revision: number): boolean {
    return this.#next.get(stream) === revision;
  }

  put(stream: string, next: number): void {
    const before = this.#next.get(stream);
    if (before !== undefined && before > next) return;
    this.#next.delete(stream);
    this.#next.set(stream, next);
    if (this.#next.size > mostStreams) this.#next.delete(this.#next.keys().next().value!);
  }

  clear(): void {
    this.#next.clear();
  }
}
