import { type handleServerStreamingCall, type handleUnaryCall, Metadata, type sendUnaryData, Server, ServerCredentials, type ServerReadableStream, type ServiceError, status } from '@grpc/grpc-js';
import { SupportedMethod, SupportedMethods } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import { ServerFeaturesService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import type { Empty } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import { Status } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import { StreamsService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import type { ReadReq, ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import {
  AppendTransactionSizeExceededErrorDetails, StreamRevisionConflictErrorDetails, StreamTombstonedErrorDetails,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js';
import { StreamsServiceService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';
import { type AppendRequest, AppendResponse, AppendSessionResponse } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import { Any } from 'google-protobuf/google/protobuf/any_pb.js';
import { type LogAppend, type Outcome, StandInLog } from './stand-in-log.examples.js';
import { reads, subscription } from './stand-in-reads.examples.js';

type AppendCall = ServerReadableStream<AppendRequest, AppendSessionResponse>;

/** What can go wrong, set by a test. */
export interface Faults {
  /** Writes, but never says so. */
  loseAnswers?: boolean;
  /** Takes calls and says nothing. */
  silent?: boolean;
  /** Begins a subscription a little before where it was asked to. */
  repeats?: boolean;
  version?: string;
  maxAppendSize?: number;
}

/**
 * The part of KurrentDB's gRPC that the adapter uses, from a log in memory, so that the real client speaks over a real connection. It is
 * not KurrentDB: it answers as KurrentDB's source and the client's stubs say, and shows mistakes on our side only.
 */
export class StandIn {
  private server: Server | undefined;
  private port = 0;
  readonly faults: Faults = {};

  constructor(readonly log = new StandInLog()) {}

  get url(): string {
    return `kurrentdb://127.0.0.1:${this.port}?tls=false&discoveryInterval=5`;
  }

  async start(): Promise<this> {
    const server = new Server();
    server.addService(ServerFeaturesService, { getSupportedMethods: this.supportedMethods });
    server.addService(StreamsServiceService, { appendSession: (call: AppendCall, done: sendUnaryData<AppendSessionResponse>) => void this.appendSession(call, done), appendRecords: unused });
    server.addService(StreamsService, { read: this.read, append: unused, delete: unused, tombstone: unused, batchAppend: unused });
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
    });
    this.server = server;
    return this;
  }

  /** As when the machine is switched off; `start` brings it back at the same address. */
  stop(): void {
    this.server?.forceShutdown();
    this.server = undefined;
  }

  private readonly supportedMethods: handleUnaryCall<Empty, SupportedMethods> = (_, done) => {
    if (this.faults.silent) return;
    const methods = this.faults.version ? [] : [new SupportedMethod().setServiceName('kurrentdb.protocol.v2.streams.StreamsService').setMethodName('AppendSession')];
    done(null, new SupportedMethods().setEventStoreServerVersion(this.faults.version ?? '25.1.0').setMethodsList(methods));
  };

  private readonly read: handleServerStreamingCall<ReadReq, ReadResp> = (call) => {
    if (this.faults.silent) return;
    const options = call.request.getOptions()!;
    void (options.hasSubscription() ? subscription(call, options, this.log, this.faults.repeats ?? false) : reads(call, options, this.log));
  };

  private async appendSession(call: AppendCall, done: sendUnaryData<AppendSessionResponse>): Promise<void> {
    if (this.faults.silent) return;
    const requests: AppendRequest[] = [];
    for await (const request of call) requests.push(request as AppendRequest);
    const appends = requests.map(toAppend);
    const size = appends.flatMap(({ records }) => records).reduce((sum, { data, metadata, type }) => sum + data.length + metadata.length + type.length, 0);
    const largest = this.faults.maxAppendSize ?? 4 * 1024 * 1024;
    if (size > largest) return done(failure(status.ABORTED, new AppendTransactionSizeExceededErrorDetails().setSize(size).setMaxSize(largest)));
    const outcome = this.log.append(appends);
    if (this.faults.loseAnswers) return;
    if (outcome.kind !== 'written') return done(toFailure(outcome));
    const output = appends.map(({ stream }, n) => new AppendResponse().setStream(stream).setStreamRevision(String(outcome.revisions[n])));
    // Of the append, and not promised to be the position of an event.
    done(null, new AppendSessionResponse().setOutputList(output).setPosition(String(this.log.records.at(-1)!.position + 1)));
  }
}

const unused = (): void => {
  throw new Error('The adapter does not use this');
};

const toAppend = (request: AppendRequest): LogAppend => ({
  stream: request.getStream(),
  expected: Number(request.getExpectedRevision() ?? -2),
  records: request.getRecordsList().map((record) => ({
    id: record.getRecordId() ?? '',
    type: record.getSchema()?.getName() ?? '',
    data: record.getData_asU8(),
    metadata: JSON.stringify(Object.fromEntries(record.getPropertiesMap().toArray().map(([name]) => [name, record.getPropertiesMap().get(name)!.getStringValue()]))),
  })),
});

const toFailure = (outcome: Exclude<Outcome, { kind: 'written' }>): Partial<ServiceError> => {
  if (outcome.kind === 'broken') return { code: status.UNKNOWN, details: 'Exception was thrown by handler.' };
  if (outcome.kind === 'tombstoned') return failure(status.FAILED_PRECONDITION, new StreamTombstonedErrorDetails().setStream(outcome.stream));
  const { stream, expected, actual } = outcome;
  return failure(status.FAILED_PRECONDITION, new StreamRevisionConflictErrorDetails().setStream(stream).setExpectedRevision(String(expected)).setActualRevision(String(actual)));
};

/** As google.rpc.Status in a trailer: where the client looks for what went wrong (utils/getGrpcStatusDetails). */
const failure = (code: status, details: { serializeBinary(): Uint8Array }): Partial<ServiceError> => {
  const any = new Any();
  any.setTypeUrl(`type.googleapis.com/kurrentdb.protocol.v2.streams.errors.${nameOf(details)}`);
  any.setValue(details.serializeBinary());
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(new Status().setDetails(any).serializeBinary()));
  return { code, details: 'refused', metadata };
};

const nameOf = (details: object): string => {
  if (details instanceof StreamRevisionConflictErrorDetails) return 'StreamRevisionConflictErrorDetails';
  return details instanceof StreamTombstonedErrorDetails ? 'StreamTombstonedErrorDetails' : 'AppendTransactionSizeExceededErrorDetails';
};
