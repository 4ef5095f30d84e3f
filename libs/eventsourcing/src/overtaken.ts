/** Somebody else has written the same documents or checkpoint: two projectors of one name are running. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}
