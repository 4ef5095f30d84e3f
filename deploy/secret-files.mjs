// Kendt's own secrets: which file of them each service is given. A process that does not need a secret does not have it.
// node deploy/secret-files.mjs: hands them out anew from deploy/secrets/all, after one of them was changed.
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ofEveryService = ['key-encryption-key', 'operators-key'];

/** By service; tools/check-compose.mjs compares it with what the services themselves say that they read. */
export const secretFiles = {
  registration: [...ofEveryService, 'lookup-key', 'link-key', 'cookie-key', 'answers-key', 'token-keys.public.json'],
  authentication: [...ofEveryService, 'lookup-key', 'cookie-key', 'answers-key', 'token-keys.json', 'clients'],
  consent: [...ofEveryService, 'answers-key', 'token-keys.public.json'],
  erasure: [...ofEveryService, 'link-key', 'cookie-key', 'answers-key', 'evidence-key.json', 'token-keys.public.json'],
  profile: [...ofEveryService, 'lookup-key', 'answers-key', 'token-keys.public.json'],
  audit: [...ofEveryService, 'evidence-key.public.json', 'token-keys.public.json'],
};

const known = new Set(Object.values(secretFiles).flat());

/** What a service is given besides: both keys while the key-encryption key is rotated, what the mail server's address and the secrets at identity providers are. */
const isFor = (service) => (file) => {
  if (secretFiles[service].includes(file) || file.startsWith('key-encryption-key.')) return true;
  if (file === 'smtp-url') return service === 'registration' || service === 'erasure';
  return service === 'authentication' && !known.has(file);
};

/** Puts into each service's folder what it needs and nothing else. */
export function handOut(secrets) {
  const all = join(secrets, 'all');
  if (!existsSync(all)) throw new Error(`There are no secrets in ${all}: node deploy/make-env.mjs makes them.`);
  const owner = statSync(all);
  for (const service of Object.keys(secretFiles)) mirror(all, join(secrets, service), owner, isFor(service));
}

function mirror(from, to, owner, isWanted = () => true) {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  own(to, owner);
  const wanted = readdirSync(from).filter(isWanted);
  for (const name of wanted) (isFolder(join(from, name)) ? mirror : replace)(join(from, name), join(to, name), owner);
  for (const name of readdirSync(to)) if (!wanted.includes(name)) rmSync(join(to, name), { recursive: true });
}

/** By its name: a process that looks at this moment reads the old one or the new one. */
function replace(from, to, owner) {
  copyFileSync(from, `${to}.new`);
  own(`${to}.new`, owner);
  renameSync(`${to}.new`, to);
}

const isFolder = (path) => statSync(path).isDirectory();

/** Nobody else may read a secret, and whoever the containers run as must: Kendt refuses what others can read. */
export function own(path, { uid, gid }) {
  chmodSync(path, isFolder(path) ? 0o700 : 0o600);
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
  if (isFolder(path)) for (const name of readdirSync(path)) own(join(path, name), { uid, gid });
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  handOut(fileURLToPath(new URL('secrets', import.meta.url)));
  console.log(`Handed out to ${Object.keys(secretFiles).join(', ')}.`);
}
