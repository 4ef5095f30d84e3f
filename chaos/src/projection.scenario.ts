import { createDecipheriv, createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { name, sabotages, type Tally, work } from './projection.work.js';
import type { Checked, Fact, Scenario } from './scenario.js';

interface Recorded {
  readonly position: number;
  readonly type: string;
  readonly id: string;
  readonly amount: number;
}

interface Kept {
  readonly revision: string;
  readonly value: object;
}

/** The streams as SQLite has them, by the key part of their names. */
const readStreams = (file: string): Map<string, Recorded[]> => {
  const db = new DatabaseSync(file, { readOnly: true });
  const streams = new Map<string, Recorded[]>();
  for (const row of db.prepare('SELECT position, stream, type, id, data FROM events ORDER BY position').iterate() as Iterable<Record<string, string | number>>) {
    const key = String(row['stream']).slice('tally-'.length);
    const recorded = { position: Number(row['position']), type: String(row['type']), id: String(row['id']), amount: (JSON.parse(String(row['data'])) as { amount: number }).amount };
    streams.set(key, [...(streams.get(key) ?? []), recorded]);
  }
  db.close();
  return streams;
};

/** Every document of every view, opened by hand. */
const readDocuments = (file: string): Map<string, Map<string, Kept>> => {
  const db = new DatabaseSync(file, { readOnly: true });
  const views = new Map<string, Map<string, Kept>>();
  for (const row of db.prepare('SELECT view, id, revision, sealed, key FROM documents JOIN slots USING (slot)').iterate() as Iterable<Record<string, string | Uint8Array>>) {
    const view = String(row['view']);
    const documents = views.get(view) ?? new Map<string, Kept>();
    views.set(view, documents.set(String(row['id']), { revision: String(row['revision']), value: opened(row['key'] as Uint8Array, row['sealed'] as Uint8Array) }));
  }
  db.close();
  return views;
};

const opened = (key: Uint8Array, sealed: Uint8Array): object => {
  const end = sealed.length - 16;
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), Buffer.alloc(12), { authTagLength: 16 }).setAuthTag(sealed.subarray(end));
  return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]).toString()) as object;
};

const foldUpTo = (events: readonly Recorded[], position: number): Tally | undefined => {
  const seen = events.filter((event) => event.position <= position);
  if (seen.length === 0 || seen.at(-1)!.type === 'Ended') return undefined;
  return { count: seen.length, sum: seen.reduce((sum, { amount }) => sum + amount, 0), last: seen.at(-1)!.id };
};

/** Each document is the fold of its stream up to its own revision, and none is behind the checkpoint. */
const checkBuild = (build: string, streams: Map<string, Recorded[]>, documents: Map<string, Kept>, checkpoint: number): string[] => {
  const complaints: string[] = [];
  for (const [key, events] of streams) {
    const kept = documents.get(key);
    const due = events.findLast(({ position }) => position <= checkpoint);
    const end = events.at(-1)!.type === 'Ended' ? events.at(-1)!.position : Infinity;
    // Until the end is passed again after a crash, a stream that has ended may show a part of itself.
    if (end < Infinity && checkpoint < end) continue;
    if (end <= checkpoint) {
      if (kept) complaints.push(`${build} ${key}: has ended, and its document is there`);
    } else if (!kept) {
      if (due) complaints.push(`${build} ${key}: no document, but ${due.position} is behind the checkpoint ${checkpoint}`);
    } else if (due && Number(kept.revision) < due.position) complaints.push(`${build} ${key}: event ${due.position} is missing behind the checkpoint ${checkpoint}`);
    else if (!isDeepStrictEqual(kept.value, foldUpTo(events, Number(kept.revision)))) complaints.push(`${build} ${key}: ${JSON.stringify(kept.value)} is not the fold up to ${Number(kept.revision)}`);
  }
  return complaints;
};

const check = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  const streams = readStreams(join(folder, 'events.db'));
  const views = readDocuments(join(folder, 'views.db'));
  const generations = (views.get('generations@1')?.get(name)?.value ?? { active: 1, all: [1] }) as { active: number; all: number[] };
  const nameOf = (generation: number): string => (generation === 1 ? name : `${name}#${generation}`);
  const checkpointOf = (build: string): number => Number((views.get('checkpoints@1')?.get(build)?.value as { position?: string } | undefined)?.position ?? 0);
  const complaints = generations.all.map(nameOf).flatMap((build) => checkBuild(build, streams, views.get(build) ?? new Map<string, Kept>(), checkpointOf(build)));
  const seen = facts.reduce((most, { is, position }) => (is === 'seen' ? Math.max(most, Number(position)) : most), 0);
  const active = nameOf(generations.active);
  if (!generations.all.includes(generations.active)) complaints.push(`${active} is to be read and is not there`);
  if (checkpointOf(active) < seen) complaints.push(`${active} is read, and has come to ${checkpointOf(active)}; readers have seen ${seen} before`);
  const parked = views.get('parked@1')?.size ?? 0;
  if (parked > 0) complaints.push(`${parked} events are parked`);
  const documents = generations.all.reduce((sum, generation) => sum + (views.get(nameOf(generation))?.size ?? 0), 0);
  return { complaints, figures: { events: [...streams.values()].flat().length, documents, rebuilds: facts.filter(({ is }) => is === 'rebuilding').length, 'looks of readers': facts.filter(({ is }) => is === 'seen').length } };
};

export const projectionScenario: Scenario = {
  name: 'projection',
  about: 'documents are the fold of their streams, each event in effect once, nothing parked; one whole build is read',
  sabotages,
  work,
  check,
};
