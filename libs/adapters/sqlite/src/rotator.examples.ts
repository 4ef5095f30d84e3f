// Another process that rotates, to be killed in the middle.
// rotator.examples.ts <keys.db> <old key, hex> <new key, hex>
import { localKeyWrapper } from '@kendt/eventsourcing';
import { SqliteKeyRing } from './key-ring.sqlite.js';

const [, , file, from, to] = process.argv as [string, string, string, string, string];
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const ring = await SqliteKeyRing.open({ file, keyEncryptionKey: bytes(from), readKeyEncryptionKeys: async () => [bytes(to)] });
await ring.rotation.run(localKeyWrapper(bytes(to)), (done) => void process.stdout.write(`${done}\n`));
process.exit(0);
