/**
 * Which commands a stream has seen, in four bytes each. It may say yes for one that never came (once in 400,000 times where
 * there are 10,000), never no for one that did: a yes is looked up in the stream.
 */
export class CommandIds {
  #hashes = new Uint32Array(4);
  #count = 0;

  add(id: string): void {
    const hash = hashOf(id);
    if (this.#count > 0 && this.#hashes[this.#count - 1] === hash) return; // several events of one command
    if (this.#count === this.#hashes.length) this.#grow();
    this.#hashes[this.#count++] = hash;
  }

  mayHold(id: string): boolean {
    return this.#hashes.subarray(0, this.#count).includes(hashOf(id));
  }

  get bytes(): number {
    return this.#hashes.byteLength;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#hashes.length * 2);
    larger.set(this.#hashes);
    this.#hashes = larger;
  }
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo): parts of an id would not do, since the ids of one minute begin alike. */
const hashOf = (text: string): number => {
  let hash = 0x81_1c_9d_c5;
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01_00_01_93);
  return hash >>> 0;
};
