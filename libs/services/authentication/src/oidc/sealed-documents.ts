import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Sessions, grants and refresh tokens are bearer secrets, and a request may carry a login_hint: what lies in the views is
 * sealed, and ids are hashed, so that a copy of the database opens no session and names nobody.
 */
export class SealedDocuments {
  readonly #key: KeyObject;
  readonly #hashKey: KeyObject;

  constructor(secret: Uint8Array) {
    this.#key = derived(secret, 'documents');
    this.#hashKey = derived(secret, 'ids');
  }

  /** Stands for an id in document ids and indexes. */
  hash(kind: string, id: string): string {
    return createHmac('sha256', this.#hashKey).update(`${kind}\u0000${id}`).digest('base64url');
  }

  /** @param bound where it stands: a sealed text that was moved does not open. */
  seal(content: object, bound: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(bound));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** `undefined` when it was sealed with another key (the cookie key was changed) or elsewhere. */
  open<T extends object>(sealed: string, bound: string): T | undefined {
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(bound))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8')) as T;
    } catch {
      return undefined;
    }
  }
}

/** Bare bytes cost Node two exceptions a call. */
const derived = (secret: Uint8Array, use: string): KeyObject => createSecretKey(createHmac('sha256', secret).update(`oidc ${use}`).digest());
