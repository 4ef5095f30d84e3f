import { readdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { keyEncryptionKeyId } from '@kendt/eventsourcing';
import { readSecretFile, syncFolder, writeSecretFile } from './secret-file.js';
import { bytes } from './secret-kinds.js';

/** Another one than the one in use, by its id: it comes, or it goes. */
const aside = /^key-encryption-key\.[0-9a-f]{16}$/;

const inUse = (secretsDir: string): string => join(secretsDir, 'key-encryption-key');
const asideOf = (secretsDir: string, id: string): string => `${inUse(secretsDir)}.${id}`;

/** Text of 32 bytes in base64url. @throws Error that does not show what is in the file. */
export const readKeyEncryptionKey = (path: string): Buffer => {
  const text = readSecretFile(path);
  if (text === undefined) throw new Error(`The secret ${path} is missing (${bytes.shape}).`);
  try {
    return bytes.parse(text);
  } catch {
    throw new Error(`The secret ${path} is not ${bytes.shape}.`);
  }
};

/** The one in use first; during a rotation there is a second one, and after it perhaps old ones that were kept. */
export const readKeyEncryptionKeys = async (secretsDir: string): Promise<readonly Buffer[]> => {
  const others = readdirSync(secretsDir).filter((name) => aside.test(name));
  return [inUse(secretsDir), ...others.map((name) => join(secretsDir, name))].map(readKeyEncryptionKey);
};

/** On disk, where every process that looks again finds it, before anything is wrapped under it. */
export const addKeyEncryptionKey = (secretsDir: string, key: Buffer): void => {
  writeSecretFile(asideOf(secretsDir, keyEncryptionKeyId(key)), key.toString('base64url'));
};

/** Puts one that stands aside into use, and the one in use aside. At any moment both are on disk. */
export const useKeyEncryptionKey = (secretsDir: string, id: string): void => {
  const old = readKeyEncryptionKey(inUse(secretsDir));
  const oldId = keyEncryptionKeyId(old);
  if (oldId === id) return;
  writeSecretFile(asideOf(secretsDir, oldId), old.toString('base64url'));
  renameSync(asideOf(secretsDir, id), inUse(secretsDir));
  syncFolder(secretsDir);
};

/** Only one that stands aside. */
export const removeKeyEncryptionKey = (secretsDir: string, id: string): void => {
  unlinkSync(asideOf(secretsDir, id));
  syncFolder(secretsDir);
};
