// Apache Kafka for the tests, the benches and the demo: its jars, fetched by Maven once and kept outside the repository.
// node tools/kafka.mjs: prints the folder that holds them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canInstall, installFromDebian } from './debian.mjs';
import { progress } from './install.mjs';
import { collect } from './processes.mjs';

const version = '4.4.0';
/** Without a binding to slf4j the broker says nothing, also when it cannot start. */
const wanted = { 'org.apache.kafka:kafka_2.13': version, 'org.apache.logging.log4j:log4j-slf4j-impl': '2.25.5' };
const copying = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies';
const oldestJava = 17;

/** The folder with all jars of a broker, each as `kafka.sha256` says. Java is there too when this returns. */
export async function kafkaJars() {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kendt', `kafka-${version}`);
  const isCached = damagedIn(folder).length === 0;
  await provide(isCached ? { java: packages.java } : packages);
  refuseOldJava();
  if (!isCached) await fetchInto(folder);
  return folder;
}

/** By program. */
const packages = { java: 'default-jre-headless', mvn: 'maven' };

async function provide(needed) {
  const missing = Object.keys(needed).filter((program) => spawnSync(program, ['-version'], { stdio: 'ignore' }).status !== 0);
  if (missing.length === 0) return;
  if (!canInstall())
    throw new Error(`Kafka needs Java ${oldestJava} or later, and Maven fetches it; install them (on Debian: sudo apt-get install ${Object.values(packages).join(' ')}).`);
  await installFromDebian(missing.includes('mvn') ? 'Java and Maven' : 'Java', missing.map((program) => needed[program]));
}

function refuseOldJava() {
  const [, found] = /version "(\d+)/.exec(spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr) ?? [];
  if (Number(found) < oldestJava) throw new Error(`Kafka needs Java ${oldestJava} or later; this is ${found}.`);
}

/** Names of jars that are missing, or have other bytes than they should. */
function damagedIn(folder) {
  const sums = readFileSync(new URL('kafka.sha256', import.meta.url), 'utf8').trim().split('\n').map((line) => line.split('  '));
  return sums.filter(([sum, name]) => sumOf(join(folder, name)) !== sum).map(([, name]) => name);
}

function sumOf(file) {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return undefined;
  }
}

/** Complete or not at all, also when several fetch at the same time: whoever comes later puts equal bytes in its place. */
async function fetchInto(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}.`);
  const stop = progress(`Fetching Apache Kafka ${version}`);
  try {
    let { output, interrupted } = await copyTo(aside);
    if (damagedIn(aside).length > 0 && !interrupted) ({ output, interrupted } = await copyTo(aside)); // networks have bad moments
    const damaged = damagedIn(aside);
    stop(damaged.length === 0 ? `Fetched Apache Kafka ${version}` : undefined);
    if (interrupted) throw new Error('The fetching was interrupted; the next command begins it anew.');
    if (damaged.length > 0) throw failed(output, damaged);
    putInPlace(aside, folder);
  } finally {
    stop();
    rmSync(aside, { recursive: true, force: true });
  }
}

function failed(output, damaged) {
  process.stderr.write(output);
  const which = damaged.length > 3 ? `${damaged.length} jars` : damaged.join(', ');
  return new Error(`Apache Kafka could not be fetched: ${which} missing, or not as tools/kafka.sha256 says. What Maven said is above.`);
}

function putInPlace(aside, folder) {
  try {
    renameSync(aside, folder);
  } catch (error) {
    if (damagedIn(folder).length === 0) return; // another was quicker
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  }
}

function copyTo(folder) {
  writeFileSync(join(folder, 'pom.xml'), pom());
  return collect('mvn', ['-B', '-q', '-f', join(folder, 'pom.xml'), copying, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]);
}

const pom = () => `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>kendt</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${Object.entries(wanted).map(dependency).join('')}</dependencies>
</project>
`;

function dependency([name, number]) {
  const [group, artifact] = name.split(':');
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${number}</version></dependency>`;
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  kafkaJars().then(console.log, (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
