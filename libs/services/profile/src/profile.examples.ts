import { topicContracts } from '@kendt/contracts';
import { accessStream, purchases, purchasesStream } from '@kendt/domain';
import { type Clock, type EventStore, readAll, type StoredEvent, type TopicMessage } from '@kendt/eventsourcing';
import { currentEvents, type Ports } from '@kendt/nest';
import { memoryPorts, startTestService, type TestRequest, type TestService } from '@kendt/nest/testing';
import { ExampleGroup, exampleIds, GrpcClient } from '@kendt/testing';
import { profileGrpc, ProfileModule } from './profile.module.js';

export const { ida, bo, nobody } = exampleIds;
export const till = { clientId: 'fjord-till', brand: 'fjord', channel: 'till', scopes: ['customers:find', 'customers:read'] };
export const web = { clientId: 'fjord-web', brand: 'fjord', channel: 'web', scopes: ['customers:read', 'purchases:write'] };
export const lundTill = { ...till, clientId: 'lund-till', brand: 'lund' };
export const recommender = { clientId: 'fjord-recommender', brand: 'fjord', channel: 'crm', scopes: ['purchases:read'] };
export const idasOwn = { clientId: 'kendt-account', customerId: ida, scopes: ['account'] };

export const lamp = {
  purchaseId: 'purchase-1', orderNumber: 'F-1001', purchasedAt: '2026-03-01T09:30:00.000Z', currency: 'DKK', total: 129900, channel: 'web',
  lines: [{ sku: 'LAMP-1', name: 'Lampe', quantity: 1, price: 129900 }],
};

export interface Asked {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Headers;
}

export interface ProfileTest extends TestService {
  readonly store: EventStore;
  readonly group: ExampleGroup;
  readonly grpc: GrpcClient;
  ask(path: string, request: TestRequest): Promise<Asked>;
  bought(customerId: string, purchase?: object, brandId?: string): Promise<string>;
  looks(customerId: string): Promise<StoredEvent[]>;
  /** The message of this id, once the topic has it. */
  message(topic: string, id: string): Promise<TopicMessage | undefined>;
}

const ask = async (service: TestService, path: string, request: TestRequest): Promise<Asked> => {
  const response = await service.request(path, request);
  const text = await response.text();
  const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: response.status, code: body['code'] as string | undefined, body, text, headers: response.headers };
};

const awaitMessage = async (service: TestService, topic: string, id: string): Promise<TopicMessage | undefined> => {
  let found: TopicMessage | undefined;
  const enough = new AbortController();
  const handle = async (message: TopicMessage): Promise<void> => {
    if (message.headers['ce_id'] !== id) return;
    found = message;
    enough.abort();
  };
  await service.ports.topics.consume({ topics: [topic], group: `test-${Math.random()}`, handle, signal: AbortSignal.any([enough.signal, AbortSignal.timeout(3000)]) });
  return found;
};

/** The service in memory, with Ida of fjord. */
export const startProfile = async (ports: Ports = memoryPorts(), clock?: Clock): Promise<ProfileTest> => {
  const service = await startTestService({ modules: [ProfileModule], grpc: [profileGrpc], ports, ...(clock && { clock }) });
  await service.ports.topics.ensure(topicContracts({ brands: [], systems: ['erp', 'fjord-shop', 'unknown-shop'] }));
  const store = currentEvents(service.ports);
  const group = new ExampleGroup(store);
  await group.open();
  await group.register(ida);
  const grpc = new GrpcClient('kendt.profile.v1', 'Profile', service.grpcUrl);
  return {
    ...service,
    store,
    group,
    grpc,
    ask: (path, request) => ask(service, path, request),
    bought: async (customerId, purchase = {}, brandId = 'fjord') => {
      const { purchaseId, channel, ...rest } = { ...lamp, ...purchase };
      const data = { purchaseId, brandId, source: 'erp', channel, purchase: rest };
      return (await group.act(purchases, purchasesStream(customerId), { type: 'RecordPurchase', data })).position;
    },
    looks: (customerId) => readAll(store, accessStream(customerId)),
    message: (topic, id) => awaitMessage(service, topic, id),
    close: async () => {
      grpc.close();
      await service.close();
    },
  };
};
