import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type KafkaCluster, startKafka } from '@kendt/testing/kafka';
import { journey } from './journey.js';
import { type OwnSystem, runningOn, startOwn } from './place.js';
import type { Step } from './step.js';
import { startSystems } from './systems.js';
import { type Teller, tellJson, tellStory } from './teller.js';
import { type Place, World } from './world.js';

const usage = `One customer's whole journey, through public interfaces only.

  npm run demo                     against the system that runs on data/, or else one of its own on a temporary folder
  npm run demo -- --own            always one of its own
  npm run demo -- --data <folder>  against the system that runs on this folder
  npm run demo -- --url <url>      the running system must be this one
  npm run demo -- --topics kafka   one of its own, with its topics in Apache Kafka: in the cluster that KAFKA_URL names, or else in one
                                   that is fetched and started for it
  npm run demo -- --json           one JSON object per step

Exit 0: everything was as told. Exit 1: something was not.
`;

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { own: { type: 'boolean' }, data: { type: 'string' }, url: { type: 'string' }, topics: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { topics } = values;
  if (topics !== undefined && topics !== 'kafka') throw new Error('--topics can be kafka, or left out');
  const folder = mkdtempSync(join(tmpdir(), 'kendt-demo-'));
  const running = values.own || topics ? undefined : await find(values.data ?? 'data', values.url, values.data !== undefined);
  let own: OwnSystem | undefined;
  let kafka: KafkaCluster | undefined;
  try {
    if (topics && !process.env['KAFKA_URL']) kafka = await startKafka();
    own = running ? undefined : await startOwn(join(folder, 'data'), topics && { TOPICS_URL: kafka?.url ?? process.env['KAFKA_URL']! });
    const place = running ?? own?.place;
    if (!place) throw new Error('There is no system to play against');
    return await play(place, folder, values.json ? tellJson : tellStory, own !== undefined);
  } finally {
    await own?.program.stop();
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

const find = async (dataDir: string, url: string | undefined, insist: boolean): Promise<Place | undefined> => {
  const place = await runningOn(dataDir);
  if (url !== undefined && place?.url !== url.replace(/\/$/, ''))
    throw new Error(`The system at ${url} does not run on ${dataDir}${place ? ` (that one is at ${place.url})` : ''}: name its data folder with --data.`);
  if (insist && !place) throw new Error(`No system runs on ${dataDir}: start one with DATA_DIR=${dataDir} npm start.`);
  return place;
};

const play = async (place: Place, folder: string, teller: Teller, own: boolean): Promise<number> => {
  const systemsDir = join(folder, 'systems');
  mkdirSync(systemsDir);
  const systems = await startSystems(place.topics, systemsDir);
  try {
    const world = new World(place, systems, systemsDir);
    teller.begin(place, own);
    for (const [index, step] of journey.entries()) if (!(await playStep(step, index + 1, world, teller))) return 1;
    teller.end(journey.length);
    return 0;
  } finally {
    await systems.stop();
  }
};

const playStep = async (step: Step, number: number, world: World, teller: Teller): Promise<boolean> => {
  const begin = performance.now();
  try {
    const told = await step.play(world);
    teller.step({ number, name: step.name, title: step.title, ok: true, ms: performance.now() - begin, ...told });
    return true;
  } catch (error) {
    teller.step({ number, name: step.name, title: step.title, ok: false, ms: performance.now() - begin, asked: '', answered: (error as Error).message });
    return false;
  }
};

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
