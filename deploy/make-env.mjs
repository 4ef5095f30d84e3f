// Makes what docker-compose.yml needs and nobody may know: deploy/.env, with a password for each user of MongoDB and Kafka, and
// deploy/secrets, with Kendt's own secrets. Random, readable by their owner alone; refuses to replace what is there.
// node deploy/make-env.mjs [--public-url https://id.example.com] [--config config/demo]     plain Node, nothing installed
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { handOut, own, secretFiles } from './secret-files.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The ids of the clients in a configuration folder: the keys of a list, so a YAML parser is not needed for them. */
export const clientIds = (config) => [...readFileSync(join(config, 'clients.yaml'), 'utf8').matchAll(/^\s*-\s+id:\s*["']?([a-z][a-z0-9-]*)/gm)].map(([, id]) => id);

const key = () => randomBytes(32).toString('base64url');

function pair(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  const whole = { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomBytes(8).toString('hex') };
  const { d: _private, ...half } = whole;
  return [whole, half];
}

/** Each file of Kendt's secrets with its text. */
function secrets(clients) {
  const [signing, checking] = pair('ec', { namedCurve: 'P-256' }, 'ES256');
  const [evidence, verifying] = pair('ed25519', {}, 'EdDSA');
  return {
    ...Object.fromEntries(['key-encryption-key', 'lookup-key', 'link-key', 'cookie-key', 'answers-key', 'operators-key'].map((name) => [name, key()])),
    'token-keys.json': JSON.stringify({ keys: [signing] }),
    'token-keys.public.json': JSON.stringify({ keys: [checking] }),
    'evidence-key.json': JSON.stringify(evidence),
    'evidence-key.public.json': JSON.stringify(verifying),
    ...Object.fromEntries(clients.map((id) => [`clients/${id}`, key()])),
  };
}

/** Containers run as whoever calls this, so that they can read what is mounted; never as root. */
function owner() {
  const [uid, gid] = [process.getuid?.() ?? 1000, process.getgid?.() ?? 1000];
  return uid === 0 ? { uid: 1000, gid: 1000 } : { uid, gid };
}

/** With https the gateway takes care of the certificate itself, for which it must be reached on ports 80 and 443. */
function gateway({ protocol, origin, port }) {
  if (protocol === 'https:') return [`GATEWAY_ADDRESS=${origin}`, 'GATEWAY_HTTP=80', 'GATEWAY_HTTPS=443'];
  return ['GATEWAY_ADDRESS=http://:80', `GATEWAY_HTTP=127.0.0.1:${port || '80'}`];
}

function environment({ publicUrl, config }, { uid, gid }) {
  const users = [...Object.keys(secretFiles), 'keys'];
  return [
    '# Made by deploy/make-env.mjs. Passwords of the engines: keep it as you keep them, and out of any repository.',
    `PUBLIC_URL=${publicUrl}`,
    ...gateway(new URL(publicUrl)),
    'KENDT_VERSION=local',
    `CONFIG=./${relative(root, config)}`,
    `KENDT_UID=${uid}`,
    `KENDT_GID=${gid}`,
    `KAFKA_CLUSTER_ID=${Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')}`,
    `KAFKA_PASSWORD=${key()}`,
    `MONGODB_ROOT_PASSWORD=${key()}`,
    ...users.map((user) => `${user.toUpperCase()}_MONGODB_PASSWORD=${key()}`),
    '',
  ].join('\n');
}

/** @returns the files that were made */
export function makeEnv(folder, options) {
  const [env, secretsFolder] = [join(folder, '.env'), join(folder, 'secrets')];
  const there = [env, secretsFolder].filter((path) => existsSync(path));
  if (there.length > 0) throw new Error(`${there.join(' and ')} already there: the passwords in it open what the engines hold, so it is not replaced. deploy/README.md says how to change one.`);
  const files = { ...secrets(clientIds(options.config)), '../mongodb-keyfile': randomBytes(512).toString('base64') };
  for (const [name, text] of Object.entries(files)) write(join(secretsFolder, 'all', name), `${text}\n`);
  own(secretsFolder, owner());
  handOut(secretsFolder);
  write(env, environment(options, owner()));
  return [env, secretsFolder];
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
}

function main() {
  const { values } = parseArgs({ options: { 'public-url': { type: 'string', default: 'http://localhost:8080' }, config: { type: 'string', default: join(root, 'config/demo') } } });
  const url = values['public-url'].replace(/\/+$/, '');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new Error('--public-url must be an address like https://id.example.com');
  const made = makeEnv(fileURLToPath(new URL('.', import.meta.url)), { publicUrl: url, config: resolve(values.config) });
  console.log(`Made ${made.map((path) => relative(process.cwd(), path)).join(' and ')}. Back both up, apart from the data.\nNext: docker compose --env-file deploy/.env up --build --detach`);
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  process.umask(0o077);
  try {
    main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
