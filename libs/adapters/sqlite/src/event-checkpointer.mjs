// The thread that folds the log of the event store into its file, so that no append waits for it. It sleeps until the
// writer asks. Without it nothing is lost, only the log grows until the writer does it.
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

const { file, signal } = workerData;
const [checkpointsWanted, checkpointsDone, closing] = [1, 2, 3];

const db = new Database(file, { timeout: 0 });
db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');

while (Atomics.load(signal, closing) === 0) {
  const seen = Atomics.load(signal, checkpointsWanted);
  try {
    checkpoint.get();
  } catch {
    // Full or in use: the writer asks again.
  }
  Atomics.add(signal, checkpointsDone, 1);
  Atomics.wait(signal, checkpointsWanted, seen);
}
db.close();
