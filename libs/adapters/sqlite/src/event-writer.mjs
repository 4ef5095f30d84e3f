// The thread that writes events. It sleeps until the main thread has sent something, takes all that waits, writes it in
// one transaction, and answers after the commit. Plain JavaScript with one import: it starts in milliseconds, and the
// same way from sources, from dist and under jest. Which rule an append breaks is decided in the main thread; here it
// is only found out whether one stands in the way.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/**
 * A chunk is flat, because copying nested objects between threads costs more than writing them. For each append: how
 * many fields follow, how many events; then per stream: name, category, expected revision (-1 none, -2 any), how many
 * events; then per event: id, type, metadata, data, personal.
 * @typedef {(string | number | null)[]} Chunk
 *
 * The position of an append; or what stands in its way, in fields counted from the append's first; or why nothing of
 * the group was written.
 * @typedef {number | { known: [field: number, row: object][] } | { conflict: number, actual: number } | { failed: { code: string, message: string } }} Outcome
 */

const { file, pragmas, sql, signal } = workerData;
const [sent, checkpointsWanted, checkpointsDone] = [0, 1, 2];
const any = -2;
const eventFields = 5;
const maxFieldsTogether = 16_384;
const maxRevisionsKept = 20_000;

// A checkpoint is the business of another thread. It is asked for seldom, because a page that many appends have changed
// is written once each time, to the disk that commits wait for. What is left to do here, when the log is long, is its last
// bit: only the writer knows a moment when nothing is being added, and without such a moment the log would never begin
// anew. Long is little, because a commit waits longer where the log's file has to grow than where it is written over.
const framesWorthACheckpoint = 2000;
const framesOfALongLog = 3000;
const framesLeftForUs = (log) => Math.max(400, log / 16);
const framesTooMany = 131_072;

const db = new Database(file, { timeout: 5000 });
db.exec(pragmas);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');
const save = db.prepare('SAVEPOINT one');
const release = db.prepare('RELEASE one');
const undo = db.prepare('ROLLBACK TO one');
const insert = db.prepare(sql.insert);
const findRevision = db.prepare(sql.revision);
const findId = db.prepare(sql.byId);
const dataVersion = db.prepare('PRAGMA data_version').pluck();
const logLength = db.prepare('PRAGMA wal_checkpoint(NOOP)');
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');

/** Of streams written a moment ago. Holds as long as no other connection has written. @type {Map<string, number>} */
const revisions = new Map();
let version = dataVersion.get();

const forgetWhatOthersMayHaveMoved = () => {
  const now = dataVersion.get();
  if (now !== version || revisions.size > maxRevisionsKept) revisions.clear();
  version = now;
};

const revisionOf = (stream, category) => revisions.get(stream) ?? findRevision.get(stream.slice(category.length + 1), category)?.revision ?? -1;

/** The revision to go on from; undefined when the stream is elsewhere. Whether a new stream exists already, its index tells at the insert. */
const startOf = (stream, category, expected) => {
  if (expected === -1) return revisions.has(stream) ? undefined : -1;
  const actual = revisionOf(stream, category);
  return expected === any || expected === actual ? actual : undefined;
};

/** @returns {number | undefined} the last position */
const insertAll = (/** @type {Chunk} */ chunk, start, end) => {
  const moved = [];
  let position;
  for (let at = start; at < end; ) {
    const [stream, category] = [chunk[at], chunk[at + 1]];
    let revision = startOf(stream, category, chunk[at + 2]);
    if (revision === undefined) return undefined;
    const last = at + 4 + eventFields * chunk[at + 3];
    for (at += 4; at < last; at += eventFields)
      position = insert.run(stream, ++revision, category, chunk[at], chunk[at + 1], chunk[at + 2], chunk[at + 3], chunk[at + 4]).lastInsertRowid;
    moved.push([stream, revision]);
  }
  for (const [stream, revision] of moved) revisions.set(stream, revision);
  return position;
};

const insertOrNothing = (chunk, start, end) => {
  try {
    return insertAll(chunk, start, end);
  } catch (error) {
    if (!error.code?.startsWith('SQLITE_CONSTRAINT')) throw error; // of the whole group: full, damaged, I/O
    return undefined;
  }
};

/** @returns {Outcome} */
const whatStandsInTheWay = (/** @type {Chunk} */ chunk, start, end) => {
  const known = [];
  let conflict;
  for (let at = start; at < end; ) {
    const [head, stream, category, expected] = [at, chunk[at], chunk[at + 1], chunk[at + 2]];
    const last = at + 4 + eventFields * chunk[at + 3];
    for (at += 4; at < last; at += eventFields) {
      const row = findId.get(chunk[at]);
      if (row) known.push([at - start, row]);
    }
    const actual = revisionOf(stream, category);
    if (expected !== any && expected !== actual) conflict ??= { conflict: head - start, actual };
  }
  if (known.length > 0) return { known };
  if (conflict) return conflict;
  throw new Error('The event store refuses an append that breaks no rule');
};

/** A savepoint only where more than one row may have to be undone: a single insert undoes itself. @returns {Outcome} */
const append = (chunk, start, end, events) => {
  if (events === 1) return insertOrNothing(chunk, start, end) ?? whatStandsInTheWay(chunk, start, end);
  save.run();
  const position = insertOrNothing(chunk, start, end);
  if (position === undefined) undo.run();
  release.run();
  return position ?? whatStandsInTheWay(chunk, start, end);
};

const appendEach = (/** @type {Chunk} */ chunk, /** @type {Outcome[]} */ outcomes) => {
  for (let at = 0; at < chunk.length; ) {
    const [start, end] = [at + 2, at + 2 + chunk[at]];
    outcomes.push(append(chunk, start, end, chunk[at + 1]));
    at = end;
  }
};

const countOf = (chunk) => {
  let count = 0;
  for (let at = 0; at < chunk.length; at += 2 + chunk[at]) count++;
  return count;
};

/** @returns {Outcome[]} one for each append, in order */
const write = (/** @type {Chunk[]} */ chunks) => {
  try {
    begin.run();
    forgetWhatOthersMayHaveMoved();
    const outcomes = [];
    for (const chunk of chunks) appendEach(chunk, outcomes);
    commit.run();
    return outcomes;
  } catch ({ code, message }) {
    revisions.clear();
    if (db.inTransaction) db.exec('ROLLBACK');
    const nothing = { failed: { code, message } };
    return chunks.flatMap((chunk) => Array.from({ length: countOf(chunk) }, () => nothing));
  }
};

let [asked, seenDone] = [false, 0];

const checkpointWhenDue = () => {
  const { log, checkpointed } = logLength.get();
  const [left, done] = [log - checkpointed, Atomics.load(signal, checkpointsDone)];
  const lastBit = log > framesOfALongLog && left < framesLeftForUs(log) && done !== seenDone;
  if (lastBit || (log > framesTooMany && left >= framesWorthACheckpoint)) {
    seenDone = done;
    checkpoint.get();
  } else if (left >= framesWorthACheckpoint) askForACheckpoint();
};

const askForACheckpoint = () => {
  Atomics.add(signal, checkpointsWanted, 1);
  Atomics.notify(signal, checkpointsWanted);
  if (!asked) parentPort.postMessage('checkpointer');
  asked = true;
};

const lookAfterTheLog = () => {
  try {
    checkpointWhenDue();
  } catch {
    // Nothing is lost: it all stands in the log, and the next group tries again.
  }
};

/** @returns {{ chunks: Chunk[], closing: boolean }} all that waits, up to what is written well together */
const take = () => {
  const chunks = [];
  for (let fields = 0; fields < maxFieldsTogether; ) {
    const received = receiveMessageOnPort(parentPort);
    if (!received) break;
    if (received.message === 'close') return { chunks, closing: true };
    chunks.push(received.message);
    fields += received.message.length;
  }
  return { chunks, closing: false };
};

for (let open = true; open; ) {
  const seen = Atomics.load(signal, sent);
  const { chunks, closing } = take();
  open = !closing;
  if (chunks.length > 0) {
    parentPort.postMessage(write(chunks));
    lookAfterTheLog();
  } else if (open) Atomics.wait(signal, sent, seen);
}
db.close();
