import { Metadata, type ServerWritableStream, status } from '@grpc/grpc-js';
import { StreamIdentifier, UUID } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import { ReadReq, ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { LogRecord, StandInLog } from './stand-in-log.examples.js';

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;
type Options = ReadReq.Options;

/** Waits for the reader, so that nothing gathers here: a server's buffers are bounded. */
const send = async (call: ReadCall, response: ReadResp): Promise<void> => {
  if (call.write(response) || call.cancelled) return;
  await new Promise<void>((resolve) => {
    const on = (): void => {
      call.off('drain', on).off('cancelled', on);
      resolve();
    };
    call.on('drain', on).on('cancelled', on);
  });
};

export const reads = async (call: ReadCall, options: Options, log: StandInLog): Promise<void> => {
  const name = options.getStream()?.getStreamIdentifier();
  const stream = name ? Buffer.from(name.getStreamName_asU8()).toString() : undefined;
  if (stream !== undefined && log.isTombstoned(stream)) return deleted(call, stream);
  if (stream !== undefined && log.stream(stream).length === 0) {
    await send(call, new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(name)));
    call.end();
    return;
  }
  const filter = new RegExp(options.getFilter()?.getStreamIdentifier()?.getRegex() ?? '');
  const records = stream === undefined ? log.records.filter((record) => filter.test(record.stream)) : wanted(options, log.stream(stream));
  const ordered = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS ? [...records].reverse() : records;
  for (const record of ordered.slice(0, Number(options.getCount()))) await send(call, toResponse(record));
  call.end();
};

/** As RpcExceptions.StreamDeleted: named in trailers, as everything in the first protocol is. */
const deleted = (call: ReadCall, stream: string): void => {
  const metadata = new Metadata();
  metadata.set('exception', 'stream-deleted');
  metadata.set('stream-name', stream);
  call.emit('error', { code: status.FAILED_PRECONDITION, details: 'deleted', metadata });
};

const wanted = (options: Options, records: readonly LogRecord[]): readonly LogRecord[] => {
  const from = options.getStream()!;
  if (!from.hasRevision()) return records;
  const revision = Number(from.getRevision());
  return options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS ? records.slice(0, revision + 1) : records.slice(revision);
};

/** As Enumerator.AllSubscriptionFiltered: history with a checkpoint each interval and one at its end, caught up, then live. */
export const subscription = async (call: ReadCall, options: Options, log: StandInLog, repeats: boolean): Promise<void> => {
  await send(call, new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId('stand-in')));
  const filter = new RegExp(options.getFilter()!.getStreamIdentifier()!.getRegex());
  const interval = options.getFilter()!.getCheckpointintervalmultiplier() * (options.getFilter()!.getMax() || 32);
  const after = options.getAll()!.getPosition();
  let next = after ? log.records.findIndex(({ position }) => position > Number(after.getCommitPosition())) : 0;
  if (next === -1) next = log.records.length;
  if (repeats) next = Math.max(0, next - 3);
  let [considered, told] = [0, false];
  const bell = new Bell(log);
  call.on('cancelled', () => bell.ring());
  while (!call.cancelled) {
    const record = log.records[next];
    if (record) {
      next++;
      considered++;
      if (filter.test(record.stream)) await send(call, toResponse(record));
      if (considered % interval === 0) await send(call, checkpoint(record));
    } else if (!told) {
      told = true;
      const last = log.records[next - 1];
      if (last) await send(call, checkpoint(last));
      await send(call, caughtUp(last));
    } else {
      await bell.heard();
    }
  }
  bell.stop();
};

class Bell {
  private wake: (() => void) | undefined;
  private rung = false;
  readonly stop: () => void;

  constructor(log: StandInLog) {
    this.stop = log.listen(() => this.ring());
  }

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  async heard(): Promise<void> {
    if (!this.rung) await new Promise<void>((resolve) => (this.wake = resolve));
    this.rung = false;
  }
}

const checkpoint = ({ position }: LogRecord): ReadResp =>
  new ReadResp().setCheckpoint(new ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position)));

/** Without a position in an empty database. */
const caughtUp = (last: LogRecord | undefined): ReadResp => {
  const said = new ReadResp.CaughtUp().setTimestamp(Timestamp.fromDate(new Date()));
  if (last) said.setPosition(new ReadResp.Position().setCommitPosition(String(last.position)).setPreparePosition(String(last.position)));
  return new ReadResp().setCaughtUp(said);
};

const toResponse = (record: LogRecord): ReadResp => {
  const event = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString(record.id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(record.stream)))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(String(record.position))
    .setPreparePosition(String(record.position))
    .setData(record.data)
    .setCustomMetadata(Buffer.from(record.metadata));
  event.getMetadataMap().set('type', record.type).set('content-type', 'application/json').set('created', '17000000000000000');
  return new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(event).setCommitPosition(String(record.position)));
};
