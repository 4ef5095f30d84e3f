import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';

/** How a sealed data group stands in the store: nonce, authentication tag and ciphertext, base64. Empty: it came after its key was destroyed. */
export interface Sealed {
  readonly sealed: string;
}

const nonceBytes = 12;
const tagBytes = 16;
const headBytes = nonceBytes + tagBytes;

/**
 * What is sealed was altered, or moved to another event, stream, customer or group, or its key is in another key ring.
 * Never the same as `erased`.
 */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';
}

/** @throws IntegrityError when no sealed data stands there, whether there is a key for it or not. */
export const sealedText = (value: unknown, stream: string, eventId: string): string => {
  const sealed = (value as Partial<Sealed> | null)?.sealed;
  if (typeof sealed !== 'string') throw new IntegrityError(`Personal data of ${stream} ${eventId} does not stand there sealed`);
  return sealed;
};

export const encrypt = (plain: string, key: KeyObject, additional: string): Sealed => {
  const nonce = freshNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(additional));
  const ciphertext = cipher.update(plain, 'utf8');
  cipher.final(); // counter mode leaves nothing for the end
  const bytes = Buffer.allocUnsafe(headBytes + ciphertext.length);
  bytes.set(nonce);
  bytes.set(cipher.getAuthTag(), nonceBytes);
  bytes.set(ciphertext, headBytes);
  return { sealed: bytes.toString('base64') };
};

/** @throws IntegrityError for everything that `encrypt` did not write with this key for this place, the empty text too. */
export const decrypt = (sealed: string, key: KeyObject, additional: string): string => {
  const bytes = Buffer.from(sealed, 'base64');
  // base64 skips what it does not know, and GCM would take a shorter tag.
  if (bytes.length < headBytes || sealed.length !== 4 * Math.ceil(bytes.length / 3)) throw misplaced(additional);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(additional))
      .setAuthTag(bytes.subarray(nonceBytes, headBytes));
    const plain = decipher.update(bytes.subarray(headBytes));
    decipher.final();
    return plain.toString('utf8');
  } catch (cause) {
    throw misplaced(additional, cause);
  }
};

const misplaced = (additional: string, cause?: unknown): IntegrityError =>
  new IntegrityError(`Sealed data does not belong where it stands: ${additional.replaceAll('\u0000', ' ')}`, { cause });

const pool = Buffer.alloc(nonceBytes * 512);
let used = pool.length;

/** Random, 96 bits (NIST SP 800-38D, 8.2.2). Drawn in stock: asking the system each time costs more than the cipher. Valid until the next one is drawn. */
const freshNonce = (): Buffer => {
  if (used === pool.length) used = randomFillSync(pool).length - pool.length;
  return pool.subarray(used, (used += nonceBytes));
};
