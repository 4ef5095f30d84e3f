import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaCluster, KafkaNode } from '@kendt/testing/kafka';
import { checkBroker } from './kafka-broker.checker.js';
import { brokerSabotages, leaderSabotages } from './kafka-broker.sabotages.js';
import { publishAndConsume, topicOf } from './kafka-broker.work.js';
import { cluster, onBrokers, type Place, placeIn, readTopic } from './kafka.clusters.js';
import type { Checked, Fact, Ordeal, Scenario } from './scenario.js';

/** Returns at the moment from which callers could go on. */
type Blow = (kafka: KafkaCluster, place: Place, random: () => number) => Promise<() => Promise<void>>;

const untilNextMs = 1_000;
const awayMs = 60_000;
const leadersMoveWithinMs = 60_000;
/** A run of so many blows has time for a long absence. */
const manyBlows = 10;

const nothingLeft = async (): Promise<void> => undefined;

const killed = (forMs: number): Blow => async ({ nodes: [node] }) => {
  await node!.kill();
  await sleep(forMs);
  await node!.start();
  return nothingLeft;
};

const heldStill: Blow = async ({ nodes: [node] }, _, random) => {
  node!.pause();
  await sleep(random() * 3_000);
  node!.resume();
  return nothingLeft;
};

const aloneMs = 600;

/** What it has taken last, nobody else has: the others stand still for a moment before it dies. */
const leaderKilled: Blow = async (kafka, place, random) => {
  const leader = await kafka.leaderOf(topicOf(place), Math.floor(random() * 3));
  const others = kafka.nodes.filter((node) => node !== leader);
  for (const node of others) node.pause();
  await sleep(random() * aloneMs);
  await leader.kill();
  for (const node of others) node.resume();
  return () => leader.start();
};

/** Ends in order: its partitions are handed over first. */
const leaderMoved: Blow = async (kafka, place, random) => {
  const leader = await kafka.leaderOf(topicOf(place), Math.floor(random() * 3));
  await leader.stop();
  return () => leader.start();
};

/** Its connections stay open. Others lead in its place after a while, and from then on all can go on. */
const leaderHeldStill: Blow = async (kafka, place, random) => {
  const leader = await kafka.leaderOf(topicOf(place), Math.floor(random() * 3));
  leader.pause();
  for (const until = Date.now() + leadersMoveWithinMs; !(await leadsNothing(kafka, leader, topicOf(place))); await sleep(50)) {
    if (Date.now() > until) throw new Error(`Nobody led in place of a broker that stood still for ${leadersMoveWithinMs / 1000} s`);
  }
  return async () => leader.resume();
};

/** While a controller is being chosen, nobody knows. */
const leadsNothing = async (kafka: KafkaCluster, node: KafkaNode, topic: string): Promise<boolean> => {
  const leaders = await Promise.all([0, 1, 2].map((partition) => kafka.leaderOf(topic, partition).catch(() => node)));
  return !leaders.includes(node);
};

const enduring = (brokers: 1 | 3, blowsOf: (times: number) => readonly Blow[]) => async (ordeal: Ordeal): Promise<void> => {
  const { folder, times, random, say, progress, signal } = ordeal;
  const [kafka, place] = [await cluster(brokers), placeIn(folder)];
  const publishing = await publishAndConsume(place, ordeal, brokers);
  const blows = blowsOf(times);
  try {
    await publishing.allHaveGoneOn();
    for (let done = 0; done < times && !signal.aborted; progress(++done)) {
      await sleep(random() * untilNextMs);
      const mend = await blows[done % blows.length]!(kafka, place, random);
      say({ is: 'could-go-on', at: Date.now() });
      await publishing.allHaveGoneOn();
      await mend();
    }
  } finally {
    await publishing.end();
  }
};

const check = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  const place = placeIn(folder);
  return checkBroker(facts, await readTopic(place, topicOf(place)));
};

export const broker: Scenario = {
  name: 'kafka:broker',
  about: 'nothing acknowledged is lost while the broker dies, stands still or is away; order per key; all go on within 10 s by themselves',
  times: 3,
  short: 2,
  counted: 'times without the broker',
  sabotages: brokerSabotages,
  ...onBrokers(1),
  endure: enduring(1, (times) => [killed(0), heldStill, killed(times < manyBlows ? 3_000 : awayMs)]),
  check,
};

export const leader: Scenario = {
  name: 'kafka:leader',
  about: 'nothing acknowledged is lost while leaders die, stand still or hand over, of three brokers with two in sync; order per key; all go on within 10 s',
  times: 3,
  short: 1,
  counted: 'leaders lost',
  sabotages: leaderSabotages,
  ...onBrokers(3),
  endure: enduring(3, () => [leaderKilled, leaderHeldStill, leaderMoved]),
  check,
};
