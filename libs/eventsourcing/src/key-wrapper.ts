import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { KeyWrapper } from './key-ring.port.js';

const nonceBytes = 12;
const keyBytes = 32;
const tagBytes = 16;

/** A data key under a local key-encryption key: nonce, ciphertext, tag. */
export const wrappedBytes = nonceBytes + keyBytes + tagBytes;

/** 16 hex digits. The HMAC of a constant: it names the key, and says nothing about it. */
export const keyEncryptionKeyId = (keyEncryptionKey: Uint8Array): string =>
  createHmac('sha256', keyEncryptionKey).update('kendt key check value').digest('hex').slice(0, 16);

/**
 * AES-256-GCM under a key-encryption key of 32 bytes that this process has in memory.
 * @throws Error when it has another length.
 */
export const localKeyWrapper = (keyEncryptionKey: Uint8Array): KeyWrapper => {
  if (keyEncryptionKey.length !== keyBytes) throw new Error(`The key-encryption key must have ${keyBytes} bytes`);
  const under = createSecretKey(keyEncryptionKey);
  return {
    id: keyEncryptionKeyId(keyEncryptionKey),
    wrap: (key, place) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', under, nonce).setAAD(Buffer.from(place));
      return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    },
    unwrap: (wrapped, place) => {
      if (wrapped.length !== wrappedBytes) throw new Error('A wrapped key has another length');
      const [nonce, ciphertext, tag] = [wrapped.subarray(0, nonceBytes), wrapped.subarray(nonceBytes, -tagBytes), wrapped.subarray(-tagBytes)];
      const decipher = createDecipheriv('aes-256-gcm', under, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(place)).setAuthTag(tag);
      return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
    },
  };
};

/** Names a data key. The group comes last and never holds a bar: two customers and groups never give the same place. */
export const placeOf = (customerId: string, group: string): string => `${customerId}|${group}`;
