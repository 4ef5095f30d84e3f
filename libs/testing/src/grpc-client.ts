import { type CallOptions, Client, type ClientReadableStream, credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoFile, protoLoaderOptions, type ProtoPackage } from '@kendt/contracts';

export interface GrpcAnswer {
  readonly error: ServiceError | undefined;
  readonly reply: Readonly<Record<string, unknown>> | undefined;
  /** What the server sent ahead: `kendt-position` stands here. */
  readonly header: Metadata | undefined;
}

type Unary = (request: object, metadata: Metadata, options: CallOptions, callback: (error: ServiceError | null, reply?: Record<string, unknown>) => void) => {
  on(event: 'metadata', listener: (metadata: Metadata) => void): void;
};
type Streaming = (request: object, metadata: Metadata) => ClientReadableStream<Record<string, unknown>>;
type Stub = Client & Record<string, Unary | Streaming>;

/** A client as any other language would make it: from the published .proto file. */
export class GrpcClient {
  readonly #stub: Stub;

  /** @param service `Profile` of `kendt.profile.v1` */
  constructor(proto: ProtoPackage, service: string, url: string) {
    const loaded = loadPackageDefinition(loadSync(protoFile(proto), protoLoaderOptions));
    const found = [...proto.split('.'), service].reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], loaded);
    this.#stub = new (found as typeof Client)(url, credentials.createInsecure()) as Stub;
  }

  call(method: string, request: object, entries: Readonly<Record<string, string>> = {}): Promise<GrpcAnswer> {
    return new Promise((resolve) => {
      let header: Metadata | undefined;
      const done = (error: ServiceError | null, reply?: Record<string, unknown>): void => resolve({ error: error ?? undefined, reply, header });
      const call = (this.#stub[method] as Unary)(request, metadataOf(entries), { deadline: Date.now() + 5000 }, done);
      call.on('metadata', (received) => (header = received));
    });
  }

  /** The stream is the caller's to listen to and to cancel. */
  stream(method: string, request: object, entries: Readonly<Record<string, string>> = {}): ClientReadableStream<Record<string, unknown>> {
    return (this.#stub[method] as Streaming)(request, metadataOf(entries));
  }

  close(): void {
    this.#stub.close();
  }
}

const metadataOf = (entries: Readonly<Record<string, string>>): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
};
