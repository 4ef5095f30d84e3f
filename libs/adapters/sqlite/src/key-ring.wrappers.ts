import type { KeyWrapper } from '@kendt/eventsourcing';
import type { Statements } from './key-ring.file.js';

/** The wrappers that are known, by the number that stands beside each key. Looks again where they are kept when a rotation has brought one. */
export class KeyWrappers {
  private readonly byId = new Map<string, KeyWrapper>();
  private readonly byNumber = new Map<number, KeyWrapper>();

  constructor(
    private readonly statements: Statements,
    known: readonly KeyWrapper[],
    private readonly readAgain: () => Promise<readonly KeyWrapper[]>,
  ) {
    this.learn(known);
  }

  learn(wrappers: readonly KeyWrapper[]): void {
    for (const wrapper of wrappers) this.byId.set(wrapper.id, wrapper);
  }

  async find(number: number): Promise<KeyWrapper | undefined> {
    const known = this.byNumber.get(number);
    if (known) return known;
    const id = this.statements.idOf.get(number)?.id;
    if (id === undefined) return undefined;
    if (!this.byId.has(id)) this.learn(await this.readAgain());
    const found = this.byId.get(id);
    if (found) this.byNumber.set(number, found); // a number is never given to another
    return found;
  }

  /** @throws Error, never "no key": that would look erased. */
  async get(number: number): Promise<KeyWrapper> {
    const found = await this.find(number);
    if (found) return found;
    throw new Error(`The key-encryption key ${this.statements.idOf.get(number)?.id ?? `number ${number}`} is not among the secrets: bring it back, without it keys cannot be opened`);
  }
}
