import type { EventStore } from '@kendt/eventsourcing';
import { currentEvents } from '@kendt/nest';
import { startTestService, type TestService } from '@kendt/nest/testing';
import { ExampleGroup, exampleIds, GrpcClient } from '@kendt/testing';
import { consentGrpc, ConsentModule } from './consent.module.js';

export const { ida, bo, nobody } = exampleIds;
export const web = { clientId: 'fjord-web', brand: 'fjord', channel: 'web', scopes: ['consents:read', 'consents:write'] };
export const lundWeb = { ...web, clientId: 'lund-web', brand: 'lund' };
export const idasOwn = { clientId: 'kendt-account', customerId: ida, scopes: ['account'] };
export const granted = { answer: 'granted', noticeVersion: 1, language: 'da' };

export interface ConsentTest extends TestService {
  readonly store: EventStore;
  readonly group: ExampleGroup;
  readonly grpc: GrpcClient;
  /** Moves the service's clock and the group's. */
  at(time: string): void;
}

/** The service in memory, with Ida of fjord and Bo of both brands. */
export const startConsent = async (): Promise<ConsentTest> => {
  let shift = 0;
  const clock = (): Date => new Date(Date.now() + shift);
  const service = await startTestService({ modules: [ConsentModule], grpc: [consentGrpc], clock });
  const store = currentEvents(service.ports);
  const group = new ExampleGroup(store, clock);
  await group.open();
  await group.register(ida);
  await group.register(bo, { contact: { email: 'bo@example.org' } });
  await group.join(bo, 'lund');
  const grpc = new GrpcClient('kendt.consent.v1', 'Consent', service.grpcUrl);
  const close = async (): Promise<void> => {
    grpc.close();
    await service.close();
  };
  return { ...service, store, group, grpc, at: (time) => (shift = Date.parse(time) - Date.now()), close };
};
