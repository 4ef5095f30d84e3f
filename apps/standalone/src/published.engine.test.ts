import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { topics } from '@kendt/contracts';
import type { TopicDefinition } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import { currentEvents, Followers } from '@kendt/nest';
import { memoryPorts, startTestService, type TestService } from '@kendt/nest/testing';
import { ProfileModule, SecondTombstones } from '@kendt/profile-service';
import { describeWithBrokers, ExampleGroup, exampleIds, idaHolm } from '@kendt/testing';
import { type KafkaCluster, startKafka } from '@kendt/testing/kafka';
import { expectPublished } from './published.examples.js';

const { ida, bo } = exampleIds;
const timing = { heartbeat: 200, fetchWait: 50, refresh: 200 };

describeWithBrokers('what is published on Kafka', () => {
  let kafka: KafkaCluster;
  let service: TestService | undefined;
  beforeEach(async () => (kafka = await startKafka({ settings: { 'log.segment.delete.delay.ms': '1000' } })));
  afterEach(async () => {
    await service?.close();
    await kafka.stop();
  });

  it('is, on a profile topic read from its start, exactly the customers of that brand; elsewhere ids only, in order per customer', async () => {
    await expectPublished({ ...memoryPorts(), topics: KafkaTopics.open({ url: kafka.url, timing }) }, (running) => (service = running));
  });

  it('is out of the broker’s files within a bounded time once a customer is erased', async () => {
    let now = Date.now();
    const ports = { ...memoryPorts(), topics: hasty(KafkaTopics.open({ url: kafka.url, timing })) };
    service = await startTestService({ modules: [ProfileModule], ports, clock: () => new Date(now) });
    const group = new ExampleGroup(currentEvents(ports));
    const published = async ({ position }: { readonly position: string }): Promise<void> => expect(await service!.app.get(Followers).waitFor('publish-profiles', position, 15_000)).toBe(true);
    await group.open();
    await group.register(ida);
    await published(await group.register(bo, { contact: { email: 'bo@example.org' } }));
    const files = (): string => filesBelow(kafka.nodes[0]!.logDir);
    expect(idaHolm.email && files().includes(idaHolm.email)).toBe(true);
    await published(await group.erase(ida));
    await sleep(segmentMs);
    now += 31 * 60_000;
    await service.app.get(SecondTombstones).sweep();
    while (isAnywhere(files())) await sleep(200);
    expect(files()).toContain('bo@example.org');
    const left = await Array.fromAsync(ports.topics.read(topics.profiles('fjord')));
    expect(left.filter(({ key, value }) => key === ida && value !== null)).toEqual([]);
  });
});

const segmentMs = 1000;

/** The bound of half an hour is a second here. */
const hasty = (kept: KafkaTopics): KafkaTopics => {
  const ensure = kept.ensure.bind(kept);
  const short = (definition: TopicDefinition): TopicDefinition => (definition.cleanup === 'compact' ? { ...definition, segmentMs, maxCompactionLagMs: segmentMs } : definition);
  return Object.assign(kept, { ensure: (definitions: readonly TopicDefinition[]) => ensure(definitions.map(short)) });
};

const isAnywhere = (bytes: string): boolean => [idaHolm.email!, idaHolm.phone!, idaHolm.name!.family].some((needle) => bytes.includes(needle));

/** A file may go while it is read: then nothing of it is left. */
const filesBelow = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      try {
        return readFileSync(join(entry.parentPath, entry.name), 'latin1');
      } catch {
        return '';
      }
    })
    .join('\n');
