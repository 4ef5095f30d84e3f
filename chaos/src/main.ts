import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { proveAll, type ProofOptions } from './proof.js';
import type { Scenario, Storm } from './scenario.js';
import { liveOnce } from './storm.js';

/** Loaded only when it is asked for: a child has little time to start. */
const onFiles: Readonly<Record<string, () => Promise<Scenario>>> = {
  append: async () => (await import('./append.scenario.js')).append,
  backup: async () => (await import('./backup.scenario.js')).scenario,
  projection: async () => (await import('./projection.scenario.js')).projectionScenario,
  erasure: async () => (await import('./erasure.scenario.js')).erasureScenario,
};

/** On a real broker, which is fetched and started for them. */
const onKafka: Readonly<Record<string, () => Promise<Scenario>>> = {
  'kafka:broker': async () => (await import('./kafka-broker.scenario.js')).broker,
  'kafka:publisher': async () => (await import('./kafka-publisher.scenario.js')).publisher,
  'kafka:consumer': async () => (await import('./kafka-consumer.scenario.js')).consumer,
  'kafka:poison': async () => (await import('./kafka-poison.scenario.js')).poison,
  'kafka:absent': async () => (await import('./kafka-absent.scenario.js')).absent,
  'kafka:leader': async () => (await import('./kafka-broker.scenario.js')).leader,
};

/** Each service twice, behind the gateway, on Kafka and MongoDB, which are fetched and started for them. */
const apart: Readonly<Record<string, () => Promise<Scenario>>> = {
  'apart:race': async () => (await import('./apart-race.scenario.js')).race,
  'apart:rolling': async () => (await import('./apart-rolling.scenario.js')).rolling,
  'apart:kill': async () => (await import('./apart-kill.scenario.js')).kill,
  'apart:kafka': async () => (await import('./apart-kafka.scenario.js')).kafkaAway,
  'apart:mongo': async () => (await import('./apart-mongo.scenario.js')).mongoAway,
  'apart:pause': async () => (await import('./apart-pause.scenario.js')).pause,
};

const scenarios: typeof onFiles = { ...onFiles, ...onKafka, ...apart };

const usage = async (): Promise<string> => {
  const all = await Promise.all(Object.entries(scenarios).map(async ([name, load]) => `  ${name.padEnd(16)}${(await load()).about}\n`));
  return `npm run chaos -- <scenario …|all|kafka|apart> [--kills N] [--seed S] [--sabotage NAME]

A child process works and is killed with SIGKILL at random moments, N times (25 unless told), and started again; then a checker
compares what was said with what is there. "all" is all that needs no broker; "kafka" is all on Apache Kafka, which is fetched
and started; "apart" is all on separate processes, each service twice, behind the gateway, on Kafka and MongoDB. There N counts what
befalls brokers, messages or processes as well: apart:kill kills a process every three seconds (100 unless told: five minutes), apart:kafka and
apart:mongo are without their servers for a minute at every other time (once is short), apart:rolling starts each of twelve processes anew. What must hold:

${all.join('')}
--seed S          the same again, as far as chance goes; how fast the machine is stays chance
--sabotage NAME   breaks the code on purpose; exit code 0 when the checker sees it. --sabotage list names them
--proof           after each scenario, every sabotage of it, with few kills each
--short           with few kills, so that all is over soon
--keep            leaves the folder with the files and everything that was said
`;
};

process.umask(0o077);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string' }, seed: { type: 'string' }, sabotage: { type: 'string' }, proof: { type: 'boolean', default: false }, short: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
    life: { type: 'string' }, process: { type: 'string', default: '0' }, folder: { type: 'string' },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const times = values.kills === undefined ? undefined : Number(values.kills);
const groups: Readonly<Record<string, string[]>> = { all: Object.keys(onFiles), kafka: Object.keys(onKafka), apart: Object.keys(apart) };
const names = positionals.flatMap((name) => groups[name] ?? [name]);

const listSabotages = (scenario: Scenario): void => {
  for (const [sabotage, what] of Object.entries(scenario.sabotages)) process.stdout.write(`${scenario.name} --sabotage ${sabotage}: ${what}\n`);
};

const run = async (): Promise<number> => {
  const known = names.length > 0 && names.every((name) => name in scenarios) && (times === undefined || (Number.isInteger(times) && times >= 1)) && Number.isInteger(seed);
  if (values.help || !known) {
    (values.help ? process.stdout : process.stderr).write(await usage());
    return values.help ? 0 : 2;
  }
  const chosen = await Promise.all(names.map((name) => scenarios[name]!()));
  const { sabotage, life, folder } = values;
  if (life !== undefined) return liveOnce(chosen[0] as Storm, { life: Number(life), process: Number(values.process), seed, folder: folder!, sabotage }).then(() => 0);
  if (sabotage === 'list') return chosen.forEach(listSabotages), 0;
  const missing = chosen.find(({ sabotages }) => sabotage !== undefined && !(sabotage in sabotages));
  if (missing) return process.stderr.write(`${missing.name} has no sabotage called ${sabotage}; --sabotage list names those it has.\n`), 2;
  const options: ProofOptions = { times, seed, sabotage, proof: values.proof, short: values.short, keep: values.keep, program: import.meta.filename };
  return proveAll(chosen, options);
};

process.exitCode = await run();
