import { join } from 'node:path';
import { Client, credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ProbeModule } from './probe.examples.js';
import { startTestService, type TestService, type TestServiceOptions } from './test-service.js';

export const probeContract = { package: 'kendt.probe.v1', protoFile: join(import.meta.dirname, 'fixtures/probe.proto') };

/** The example service on free ports. */
export const startProbe = (options: Partial<TestServiceOptions> = {}): Promise<TestService> =>
  startTestService({ modules: [ProbeModule], grpc: [probeContract], ...options });

export interface GrpcAnswer {
  readonly error: ServiceError | undefined;
  readonly reply: object | undefined;
  readonly header: Metadata | undefined;
}

type Unary = (request: object, metadata: Metadata, callback: (error: ServiceError | null, reply?: object) => void) => { on(event: 'metadata', listener: (metadata: Metadata) => void): void };

/** One call of the example service by gRPC. */
export const callProbe = (service: TestService, method: 'Note' | 'Fail', request: object, entries: Readonly<Record<string, string>>): Promise<GrpcAnswer> => {
  const client = probeClient(service);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return new Promise((resolve) => {
    let header: Metadata | undefined;
    const call = (client[method] as Unary).call(client, request, metadata, (error, reply) => {
      client.close();
      resolve({ error: error ?? undefined, reply, header });
    });
    call.on('metadata', (received) => (header = received));
  });
};

export const probeClient = (service: TestService): Client & Record<string, unknown> => {
  const definition = loadPackageDefinition(loadSync(probeContract.protoFile)) as unknown as { kendt: { probe: { v1: { Probe: typeof Client } } } };
  return new definition.kendt.probe.v1.Probe(service.grpcUrl, credentials.createInsecure()) as Client & Record<string, unknown>;
};
