import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consentMessages, fromMessage, topics } from '@kendt/contracts';
import { consentStream } from '@kendt/domain';
import { readAll, type TopicMessage } from '@kendt/eventsourcing';
import { bo, type ConsentTest, ida, startConsent } from './consent.examples.js';

describe('publish-consents', () => {
  let service: ConsentTest;
  const received: TopicMessage[] = [];
  const reading = new AbortController();
  beforeAll(async () => {
    service = await startConsent();
    const handle = async (message: TopicMessage): Promise<void> => void received.push(message);
    void service.ports.topics.consume({ topics: [topics.consents], group: 'test', handle, signal: reading.signal });
  });
  afterAll(async () => {
    reading.abort();
    await service.close();
  });

  const has = async (count: number): Promise<void> => {
    while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('tells of every answer in order, with ids only and the id of the event', async () => {
    await service.group.grant(ida, 'personal-offers', 2);
    const { position } = await service.group.withdraw(ida, 'personal-offers');
    await service.group.grant(bo, 'newsletter', 1, 'lund');
    await has(3);
    const events = received.map((message) => fromMessage(message, consentMessages));
    const [granted, withdrawn] = await readAll(service.store, consentStream(ida));
    const common = { customerId: ida, brandId: 'fjord', purposeId: 'personal-offers', noticeVersion: 2, language: 'da' };
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'kendt.consent.granted.v1', id: granted?.id, source: 'urn:kendt:consent', subject: ida, data: { ...common, channel: 'web', at: granted?.metadata.recordedAt } },
      { type: 'kendt.consent.withdrawn.v1', id: withdrawn?.id, sequence: position, data: { ...common, channel: 'account' } },
    ]);
    expect(events[0]!.sequence! < events[1]!.sequence!).toBe(true);
    expect(events[2]).toMatchObject({ type: 'kendt.consent.granted.v1', subject: bo, data: { brandId: 'lund' } });
  });

  it('has a withdrawal out within a second', async () => {
    await service.group.grant(ida, 'newsletter');
    await has(4);
    const started = performance.now();
    await service.group.withdraw(ida, 'newsletter');
    await has(5);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
