import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
}

export interface Collector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** What came, byte by byte. */
  readonly bodies: readonly Buffer[];
  close(): Promise<void>;
}

/** Takes spans as an OpenTelemetry collector does: OTLP over HTTP, in protobuf. */
export const startCollector = async (): Promise<Collector> => {
  const spans: CollectedSpan[] = [];
  const bodies: Buffer[] = [];
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      bodies.push(body);
      spans.push(...spansIn(body));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, spans, bodies, close: () => new Promise((resolve) => void (server.close(() => resolve()), server.closeAllConnections())) };
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));

/** ExportTraceServiceRequest: resource_spans = 1, in each scope_spans = 2, in each spans = 2 (opentelemetry/proto/trace/v1). */
const spansIn = (body: Buffer): CollectedSpan[] => fields(body, 1).flatMap((resource) => fields(resource, 2)).flatMap((scope) => fields(scope, 2)).map(toSpan);

const toSpan = (span: Buffer): CollectedSpan => {
  const [traceId, spanId, parentId, name] = [1, 2, 4, 5].map((field) => fields(span, field)[0] ?? Buffer.alloc(0));
  return { traceId: traceId!.toString('hex'), spanId: spanId!.toString('hex'), parentId: parentId!.toString('hex'), name: name!.toString() };
};

/** The values of one field of a protobuf message, where it holds bytes. */
const fields = (message: Buffer, wanted: number): Buffer[] => {
  const found: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const [tag, afterTag] = varint(message, at);
    const [length, begin] = sizeOf(message, tag & 7, afterTag);
    if (tag >> 3 === wanted && (tag & 7) === 2) found.push(message.subarray(begin, begin + length));
    at = begin + length;
  }
  return found;
};

/** Of the four kinds of values: a number as it is, 8 bytes, a length and so many bytes, 4 bytes. */
const sizeOf = (message: Buffer, kind: number, at: number): [length: number, begin: number] => {
  if (kind === 2) return varint(message, at);
  if (kind === 0) return [0, varint(message, at)[1]];
  return [kind === 1 ? 8 : 4, at];
};

const varint = (message: Buffer, at: number): [value: number, next: number] => {
  let value = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = message[at++] ?? 0;
    value += (byte & 127) * shift;
    if (byte < 128) return [value, at];
  }
};
