/** What is handled of one partition. A lane goes on with that of the lane before it. */
export class Progress {
  /** Handled, while one before it is not. */
  private readonly ahead = new Set<bigint>();
  private before: bigint | undefined;

  /** Everything before this offset is handled. */
  get upTo(): bigint | undefined {
    return this.before;
  }

  has(offset: bigint): boolean {
    return (this.before !== undefined && offset < this.before) || this.ahead.has(offset);
  }

  add(offset: bigint): void {
    if (!this.has(offset)) this.ahead.add(offset);
  }

  /** Everything up to and including this offset is handled. */
  moveBehind(offset: bigint): void {
    this.ahead.delete(offset);
    if (this.before === undefined || offset >= this.before) this.before = offset + 1n;
  }
}
