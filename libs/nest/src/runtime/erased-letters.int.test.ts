import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { erasureStream } from '@kendt/domain';
import { randomId } from '@kendt/eventsourcing';
import { memoryPorts, startTestService, type TestService } from '../testing/index.js';
import { Consumers } from './consumers.js';
import { Followers } from './followers.js';

const consumer = { topics: ['in'], handle: async () => undefined };

@Module({})
class ReadingModule implements OnModuleInit {
  constructor(@Inject(Consumers) private readonly consumers: Consumers) {}

  onModuleInit(): void {
    this.consumers.add({ ...consumer, group: 'g', personal: true });
    this.consumers.add({ ...consumer, group: 'ids-only' });
  }
}

describe('the dead letters of a customer', () => {
  let service: TestService;
  beforeAll(async () => (service = await startTestService({ modules: [ReadingModule], ports: memoryPorts() })));
  afterAll(() => service.close());

  const giveUp = (key: string, offset: string, group = 'g'): Promise<void> =>
    service.app.get(Consumers).letters.add(group, { topic: 'in', key, value: Buffer.from(`what ${key} bought`), headers: {}, partition: 0, offset, timestamp: '2026-03-01T12:00:00.000Z' }, { code: 'HANDLING_FAILED' });
  const contents = async (topic = 'in.g.dlq'): Promise<string[]> => {
    const values = new Map<string, string>();
    for await (const { key, value } of service.ports.topics.read(topic)) values.set(key, Buffer.from(value ?? []).toString());
    return [...values.values()].sort();
  };

  it('hold nothing of them any more once their keys are destroyed, and those of others do', async () => {
    await giveUp('ida', '1');
    await giveUp('bo', '2');
    await giveUp('ida', '3', 'ids-only');
    expect(await contents()).toEqual(['what bo bought', 'what ida bought']);
    const { position } = await service.ports.events.append([{
      stream: erasureStream(randomId()), expected: 'none',
      events: [{
        id: randomId(), type: 'KeysDestroyed', data: { customerId: 'ida', groups: ['purchases'], destroyedAt: '2026-03-01T12:00:00.000Z' },
        metadata: { commandId: 'c', correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'erasure', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
      }],
    }]);
    expect(await service.app.get(Followers).waitFor('empty-dead-letters-test', position)).toBe(true);
    expect(await contents()).toEqual(['', 'what bo bought']);
    expect(await contents('in.ids-only.dlq')).toEqual(['what ida bought']); // a consumer that says nothing of personal data: a receipt must be sent again after a bug
  });
});
