import type { KeyWrapper } from './key-ring.port.js';

/** The wrappers that are known, by the number that stands beside each key. Looks again where they are kept when a rotation has brought one. */
export class KnownWrappers {
  readonly #byId = new Map<string, KeyWrapper>();
  readonly #ids = new Map<number, string>();

  constructor(
    /** What a key ring has written down of a number. */
    private readonly written: (number: number) => Promise<string | undefined>,
    known: readonly KeyWrapper[],
    private readonly readAgain: () => Promise<readonly KeyWrapper[]>,
  ) {
    this.learn(known);
  }

  learn(wrappers: readonly KeyWrapper[]): void {
    for (const wrapper of wrappers) this.#byId.set(wrapper.id, wrapper);
  }

  async idOf(number: number): Promise<string | undefined> {
    const known = this.#ids.get(number);
    if (known !== undefined) return known;
    const id = await this.written(number);
    if (id !== undefined) this.#ids.set(number, id); // a number is never given to another
    return id;
  }

  async find(number: number): Promise<KeyWrapper | undefined> {
    const id = await this.idOf(number);
    if (id === undefined) return undefined;
    if (!this.#byId.has(id)) this.learn(await this.readAgain());
    return this.#byId.get(id);
  }

  /** @throws Error, never "no key": that would look erased. */
  async get(number: number): Promise<KeyWrapper> {
    const found = await this.find(number);
    if (found) return found;
    throw new Error(`The key-encryption key ${(await this.idOf(number)) ?? `number ${number}`} is not among the secrets: bring it back, without it keys cannot be opened`);
  }
}
