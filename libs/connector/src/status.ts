import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectorStatus, type Message, type ParkedMessages, toMessage, topics } from '@kendt/contracts';
import { stableId } from './erasure-answer.js';
import type { Following } from './following.js';
import type { ParkedMessage } from './parked.js';
import { every } from './run.js';

/** What Kendt is told about a connector, but for the time. */
export type Status = Omit<ConnectorStatus, 'systemId' | 'at'>;

interface Described {
  readonly brands: readonly string[] | undefined;
  readonly follows: readonly { readonly what: Following['name']; readonly group: string }[];
  readonly parked: readonly ParkedMessage[];
}

const mostReasons = 100;

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string };

export const statusOf = ({ brands, follows, parked }: Described): Status => ({
  version: `kendt-connector ${version}`,
  ...(brands && { brandIds: [...brands] }),
  follows: [...follows],
  parked: byReason(parked).slice(0, mostReasons),
});

/** Those that have waited longest come first. */
const byReason = (parked: readonly ParkedMessage[]): ParkedMessages[] => {
  const groups = Map.groupBy(parked, ({ following, reason }) => `${following} ${reason}`);
  return [...groups.values()].map(summary).sort((a, b) => (a.since < b.since ? -1 : 1));
};

const summary = (messages: readonly ParkedMessage[]): ParkedMessages => {
  const { following, reason } = messages[0] as ParkedMessage;
  const since = messages.map((message) => message.since).reduce((a, b) => (a < b ? a : b));
  return { what: following, reason: codeOf(reason), messages: messages.length, since };
};

/** An error may call itself anything. */
const codeOf = (reason: string): string => (/^[\w. -]{1,100}$/.test(reason) ? reason : 'ERROR');

export const statusMessage = (systemId: string, at: string, status: Status): Message =>
  toMessage({
    topic: topics.connectors(systemId),
    key: systemId,
    type: 'kendt.connector.status.v1',
    source: `urn:kendt:system:${systemId}`,
    id: stableId('connector', systemId, at),
    time: at,
    data: ConnectorStatus.parse({ systemId, at, ...status }),
  });

interface Telling {
  readonly look: () => Promise<Status>;
  readonly tell: (status: Status) => Promise<void>;
  /** When nothing has changed. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

const lookMs = 1000;

/** Tells at once, soon after each change, and from time to time, until told to stop. Never rejects. */
export const tellStatus = async ({ look, tell, everyMs, signal }: Telling): Promise<void> => {
  let told = { text: '', at: 0 };
  const round = async (): Promise<void> => {
    const status = await look();
    const [text, at] = [JSON.stringify(status), performance.now()];
    if (told.text === text && at - told.at < everyMs) return;
    await tell(status);
    told = { text, at };
  };
  // One that cannot be sent is no reason to stop: the next says the same, and Kendt sees for how long it has heard nothing.
  const quietly = (): Promise<void> => round().catch(() => undefined);
  await quietly();
  await every(Math.min(everyMs, lookMs), signal, quietly);
};
