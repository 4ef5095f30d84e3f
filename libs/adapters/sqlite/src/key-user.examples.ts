// Another process that reads, makes and destroys keys all the time while a rotation goes on. It must never fail.
// key-user.examples.ts <keys.db> <folder with key-encryption keys> <customers>
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { cachedKeys } from '@kendt/eventsourcing';
import { SqliteKeyRing } from './key-ring.sqlite.js';

const [, , file, folder, count] = process.argv as [string, string, string, string, string];
const read = async (): Promise<Uint8Array[]> => readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name))));
const ring = await SqliteKeyRing.open({ file, keyEncryptionKey: (await read())[0]!, readKeyEncryptionKeys: read });
const keys = cachedKeys(ring);
const fingerprint = (key: Uint8Array | undefined): string => (key ? createHash('sha256').update(key).digest('hex') : 'destroyed');

const seen = new Map<string, string>();
for (let n = 0; n < Number(count); n++) seen.set(`c-${n}`, fingerprint(await ring.find(`c-${n}`, 'contact')));
process.stdout.write('ready\n');
process.stdin.once('data', () => void finish());

let [rounds, going] = [0, true];
const finish = async (): Promise<void> => {
  going = false;
};
while (going) {
  const customer = `c-${Math.floor(Math.random() * Number(count))}`;
  if (fingerprint(await ring.find(customer, 'contact')) !== seen.get(customer)) throw new Error(`another key for ${customer}`);
  if (fingerprint(await keys.find(customer, 'contact')) !== seen.get(customer)) throw new Error(`another cached key for ${customer}`);
  const made = `new-${process.pid}-${rounds}`;
  seen.set(made, fingerprint(await keys.obtain(made, 'contact')));
  if (rounds % 5 === 0) {
    await keys.destroy(customer, 'contact');
    seen.set(customer, 'destroyed');
  }
  rounds++;
  await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write(`${JSON.stringify({ rounds, seen: Object.fromEntries(seen) })}\n`, () => process.exit(0));
