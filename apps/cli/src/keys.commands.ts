import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import { keyEncryptionKeyId, localKeyWrapper, progressText } from '@kendt/eventsourcing';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { type Place, openKeyRing, type Ring } from './key-ring.js';
import { buryCommand } from './keys.bury.command.js';
import { rotateSigningCommand } from './rotate-signing.command.js';

interface RotateOptions {
  readonly keyFile?: string;
  readonly again?: boolean;
  readonly removeOld?: boolean;
}

/** Loaded only when needed: it brings the whole framework with it. */
const nest = () => import('@kendt/nest');

export const keysCommands = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('keys')
    .description('the keys that seal personal data, and those that sign tokens')
    .addCommand(
      new Command('rotate')
        .description('wrap all keys under a new key-encryption key; Kendt may go on running. Called again it finishes what was cut off')
        .option('--key-file <file>', 'the new key: 32 bytes in base64url, mode 0600; one is made unless given')
        .option('--again', 'also when the last rotation is less than a day old')
        .option('--remove-old', 'remove old key-encryption keys: backups of keys.db made before cannot be opened any more')
        .action(async (options: RotateOptions) => done(await rotate(options, terminal))),
    )
    .addCommand(buryCommand(terminal, done))
    .addCommand(rotateSigningCommand(terminal, done));

const rotate = async (options: RotateOptions, terminal: Terminal): Promise<number> => {
  const place = await openKeyRing(terminal);
  try {
    const to = await target(place, options);
    if (to) await rotateTo(to, place, terminal);
    else terminal.out(`Nothing to do: every key lies under the key-encryption key ${(await place.ring.rotation.state()).id}.${options.keyFile ? '' : ' --again takes a new one.'}\n`);
    await tellOrRemoveOld(place, options, terminal);
    return exitCodes.done;
  } catch (error) {
    throw error instanceof Failure ? error : new Failure((error as Error).message, { cause: error });
  } finally {
    await place.ring.close();
  }
};

/** Those that are or were in use here, or those that never were. */
const known = async (keys: readonly string[], { rotation }: Ring, wanted: boolean): Promise<string[]> => {
  const found = await Promise.all(keys.map(async (id) => (await rotation.knows(id)) === wanted));
  return keys.filter((_, n) => found[n]);
};

const aDay = 24 * 3600 * 1000;

/** What to rotate to, on disk already; `undefined`: nothing to do. */
const target = async ({ ring, keys, secretsDir }: Place, { keyFile, again = false }: RotateOptions): Promise<Buffer | undefined> => {
  const { id, since, left } = await ring.rotation.state();
  if (left > 0 || keyEncryptionKeyId(keys[0]!) !== id) return keys.find((key) => keyEncryptionKeyId(key) === id); // was cut off
  const { addKeyEncryptionKey, readKeyEncryptionKey } = await nest();
  const given = keyFile === undefined ? undefined : readKeyEncryptionKey(keyFile);
  if (given && keyEncryptionKeyId(given) === id) return undefined;
  if (!given && !again && since !== undefined && Date.now() - Date.parse(since) < aDay) return undefined;
  if (given && await ring.rotation.knows(keyEncryptionKeyId(given))) throw new Failure('This key-encryption key was in use before: take a new one.');
  // One that was put there by a rotation that was cut off before it began.
  const [unused] = await known(keys.map(keyEncryptionKeyId), ring, false);
  const to = given ?? keys.find((key) => keyEncryptionKeyId(key) === unused) ?? randomBytes(32);
  addKeyEncryptionKey(secretsDir, to);
  return to;
};

const rotateTo = async (to: Buffer, { ring, secretsDir }: Place, terminal: Terminal): Promise<void> => {
  const { useKeyEncryptionKey } = await nest();
  const count = await ring.rotation.run(localKeyWrapper(to), progressTo(terminal));
  const id = keyEncryptionKeyId(to);
  useKeyEncryptionKey(secretsDir, id);
  terminal.out(`${count.toLocaleString('en')} keys were wrapped anew. Every key lies under the key-encryption key ${id} now, which is ${join(secretsDir, 'key-encryption-key')}.\n`);
};

/** Keeping an old one can be undone, removing it cannot: were keys.db lost today, its last backup would still need it. */
const tellOrRemoveOld = async ({ ring, secretsDir }: Place, { removeOld = false }: RotateOptions, terminal: Terminal): Promise<void> => {
  const { readKeyEncryptionKeys, removeKeyEncryptionKey } = await nest();
  const [, ...aside] = (await readKeyEncryptionKeys(secretsDir)).map(keyEncryptionKeyId);
  const old = await known(aside, ring, true);
  if (removeOld) for (const id of old) removeKeyEncryptionKey(secretsDir, id);
  for (const id of old) {
    const path = join(secretsDir, `key-encryption-key.${id}`);
    terminal.out(
      removeOld
        ? `${path} was removed. Backups of keys.db made under it cannot be opened any more: delete them.\n`
        : `The old one was kept as ${path}: backups of keys.db made before need it. Back keys.db up, delete the older backups, then call this again with --remove-old.\n`,
    );
  }
};

const progressTo = (terminal: Terminal): ((done: number, of: number) => void) => {
  const begin = performance.now();
  let shownAt = begin;
  return (done, of) => {
    if (performance.now() - shownAt < 1000) return;
    shownAt = performance.now();
    terminal.err(`${progressText(done, of, shownAt - begin)}\n`);
  };
};
