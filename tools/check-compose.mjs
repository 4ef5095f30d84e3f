// docker-compose.yml: that Compose takes it, that it keeps the rules of tools/compose-rules.mjs, and that each service is told what it reads,
// no more and no less. `docker compose config` is used where there is a Docker, Debian's docker-compose otherwise; neither needs an engine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readConfigFiles, readSecrets, requiredOf, secretFiles, secretsOf, settingNames, settingsOf } from '@kendt/nest';
import { clientIds, makeEnv } from '../deploy/make-env.mjs';
import { secretFiles as handedOut } from '../deploy/secret-files.mjs';
import { caddy } from './caddy.mjs';
import { composeRules } from './compose-rules.mjs';
import { canInstall, installFromDebian } from './debian.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const files = ['docker-compose.yml', 'deploy/docker-compose.ports.yml'];
const config = join(root, 'config/demo');
const services = await Promise.all(Object.keys(handedOut).map(async (name) => (await import(`@kendt/${name}-service`))[name]));

const folder = mkdtempSync(join(tmpdir(), 'kendt-compose-'));
try {
  makeEnv(folder, { publicUrl: 'https://id.example.com', config });
  const variables = readEnv(join(folder, '.env'));
  const model = parse(interpolated(readFileSync(join(root, files[0]), 'utf8'), variables), { merge: true });
  const complaints = [
    ...(await composeTakes([files[0]])),
    ...(await composeTakes(files)),
    ...composeRules(model),
    ...variablesAre(readFileSync(join(root, files[0]), 'utf8'), variables),
    ...services.flatMap((service) => toldRightly(service, model)),
    ...['config', 'cli'].flatMap((name) => toldNothingElse(name, model.services[name])),
    ...gatewayKnows(model),
    ...(await gatewayStarts(model)),
    ...(await secretsAreRight()),
    ...makesNothingTwice(),
  ];
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exitCode = 1;
  else console.log(`${Object.keys(model.services).length} containers; each of ${services.length} services is told what it reads.`);
} finally {
  rmSync(folder, { recursive: true });
}

function readEnv(path) {
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** As Compose does it: `${NAME:-fallback}` and `${NAME:?what to do}`. */
function interpolated(text, variables) {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name, kind, rest) => variables[name] ?? (kind === '-' ? rest : ''));
}

/** By Compose's own words. */
async function composeTakes(given) {
  const [program, ...first] = await compose();
  const args = [...first, ...given.flatMap((file) => ['--file', join(root, file)]), '--project-directory', root, '--env-file', join(folder, '.env')];
  return [[], ['--profile', 'contract', '--profile', 'cli']].flatMap((profile) => {
    const { status, stderr, error } = spawnSync(program, [...args, ...profile, 'config', '--quiet'], { encoding: 'utf8' });
    return status === 0 ? [] : [`${given.join(' and ')}: ${[program, ...first].join(' ')} does not take it: ${error?.message ?? stderr.trim()}`];
  });
}

async function compose() {
  const works = (...command) => spawnSync(command[0], [...command.slice(1), 'version'], { stdio: 'ignore' }).status === 0;
  for (const command of [['docker', 'compose'], ['docker-compose']]) if (works(...command)) return command;
  if (!canInstall()) throw new Error('To check docker-compose.yml there must be Docker with Compose, or docker-compose; on Debian: sudo apt-get install docker-compose.');
  await installFromDebian('docker-compose', ['docker-compose']);
  return ['docker-compose'];
}

/** What Compose asks for is made by make-env.mjs, and nothing is made that nobody asks for. */
function variablesAre(text, made) {
  const asked = [...text.matchAll(/\$\{(\w+)(?::(.))?/g)].map(([, name, kind]) => ({ name, needed: kind !== '-' }));
  const missing = asked.filter(({ name, needed }) => needed && made[name] === undefined).map(({ name }) => `${name} must be set, and deploy/make-env.mjs does not make it.`);
  const idle = Object.keys(made).filter((name) => !asked.some((one) => one.name === name)).map((name) => `deploy/make-env.mjs makes ${name}, which docker-compose.yml does not use.`);
  return [...new Set([...missing, ...idle])];
}

/** No setting that the service does not read, and none missing that it needs. */
function toldRightly(service, { services: containers }) {
  const [reads, needs] = [settingsOf(service), requiredOf(settingsOf(service))];
  return [1, 2].flatMap((number) => {
    const name = `${service.name}-${number}`;
    const container = containers[name];
    if (!container) return [`There is no container ${name}.`];
    const { environment, volumes } = container;
    const referred = referredIn(environment);
    const told = Object.keys(environment);
    return [
      ...told.filter((one) => settingNames.includes(one) && !reads.includes(one)).map((one) => `${name} is told ${one}, which the service ${service.name} does not read.`),
      ...toldNothingElse(name, container),
      ...needs.filter((one) => !told.includes(one)).map((one) => `${name} is not told ${one}, without which the service ${service.name} does not start.`),
      ...referred.filter((one) => !told.includes(one)).map((one) => `${name} has a setting that refers to ${one}, which is not there.`),
      ...(reads.includes('SMTP_URL') && !told.includes('SMTP_URL') ? [`${name} is not told SMTP_URL.`] : []),
      ...(volumes.includes(`./deploy/secrets/${service.name}:/secrets:ro`) ? [] : [`${name} has not its own secrets.`]),
    ];
  });
}

/** Variables that the values of settings name, as `env:NAME`. */
function referredIn(environment) {
  return Object.values(environment).flatMap((value) => [...String(value).matchAll(/\benv:(\w+)/g)].map(([, variable]) => variable));
}

function toldNothingElse(name, { environment }) {
  const known = [...settingNames, ...referredIn(environment)];
  return Object.keys(environment).filter((one) => !known.includes(one)).map((one) => `${name} is told ${one}, which is no setting and to which none refers.`);
}

/** The gateway is told where everything is that its file asks for, and nothing else; and it is there. */
function gatewayKnows({ services: containers }) {
  const { environment } = containers.gateway;
  const asked = [...readFileSync(join(root, 'deploy/gateway/Caddyfile'), 'utf8').matchAll(/\{\$(\w+)(:)?/g)].map(([, name, fallback]) => ({ name, needed: !fallback }));
  const places = Object.entries(environment).filter(([name]) => /_(HTTP|GRPC)$/.test(name)).flatMap(([name, value]) => value.split(' ').map((place) => ({ name, place })));
  return [
    ...asked.filter(({ name, needed }) => needed && !environment[name]).map(({ name }) => `gateway is not told ${name}, which deploy/gateway/Caddyfile asks for.`),
    ...Object.keys(environment).filter((name) => !asked.some((one) => one.name === name)).map((name) => `gateway is told ${name}, for which deploy/gateway/Caddyfile does not ask.`),
    ...places.filter(({ name, place }) => !isPlaceOf(name, place, containers)).map(({ name, place }) => `gateway is told ${place} as ${name}.`),
  ];
}

/** `consent-1:50051` is a place of CONSENT_GRPC. */
function isPlaceOf(name, place, containers) {
  const [host, port] = place.split(':');
  const [service, protocol] = name.split('_');
  const { environment = {} } = containers[host] ?? {};
  return host.replace(/-\d$/, '') === service.toLowerCase() && port === String(environment[`${protocol}_PORT`] ?? { HTTP: 3000, GRPC: 50051 }[protocol]);
}

/** Caddy's own word on its file, with what compose tells it. */
async function gatewayStarts({ services: { gateway } }) {
  const env = { PATH: process.env.PATH, HOME: folder, ...gateway.environment };
  const { status, stderr } = spawnSync(await caddy(), ['validate', '--adapter', 'caddyfile', '--config', join(root, 'deploy/gateway/Caddyfile')], { encoding: 'utf8', env });
  return status === 0 ? [] : [`gateway does not start: ${stderr.trim().split('\n').at(-1)}`];
}

/** What is handed to a service is what it says it reads; and it can read it. */
async function secretsAreRight() {
  const { clients } = await readConfigFiles(config);
  const ids = clients.map(({ id }) => id).sort();
  const found = clientIds(config).sort();
  const complaints = String(ids) === String(found) ? [] : [`deploy/make-env.mjs sees the clients ${found}; there are ${ids}.`];
  for (const service of services) {
    const wanted = [...secretsOf(service).map((name) => secretFiles[name].file), ...(service.knowsClients ? ['clients'] : [])].sort();
    const given = readdirSync(join(folder, 'secrets', service.name)).sort();
    if (String(wanted) !== String(given)) complaints.push(`${service.name} is given ${given}; it reads ${wanted}.`);
    const place = { secretsDir: join(folder, 'secrets', service.name), keysUrl: 'mongodb://keys/keys' };
    await readSecrets(place, { generate: false, names: secretsOf(service), clientIds: service.knowsClients ? ids : [] }).catch((error) => complaints.push(error.message));
  }
  return complaints;
}

function makesNothingTwice() {
  const others = readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => (statSync(path).mode & 0o077) !== 0);
  const complaints = others.map((path) => `deploy/make-env.mjs: others may read ${path}.`);
  try {
    makeEnv(folder, { publicUrl: 'https://id.example.com', config });
    return [...complaints, 'deploy/make-env.mjs replaces what is there.'];
  } catch {
    return complaints;
  }
}
