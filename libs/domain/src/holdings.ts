import { type Command, type Decider, type Event, unreachable } from '@kendt/kernel';
import { same } from './same.js';

/** One record that one system holds of the customer. `record` is the system's own opaque id of it. */
export interface Holding {
  readonly systemId: string;
  readonly record: string;
  readonly what: string;
  readonly basis: string;
  /** The law that wants it kept, where there is one. */
  readonly law?: string;
  /** ISO 8601 date; absent: until asked to erase. */
  readonly until?: string;
}

/** `at`: when the system said so. */
export type HoldingsCommand = Command<'ReportHolding', Holding> | Command<'EndHolding', { systemId: string; record: string }>;

export type HoldingsEvent =
  | Event<'HoldingReported', Holding & { reportedAt: string }>
  | Event<'HoldingEnded', { systemId: string; record: string; endedAt: string }>;

/** By {@link holdingKey}. */
export interface Holdings {
  readonly held: Readonly<Record<string, Holding>>;
  /** When the system last said something new about a record, ISO 8601 UTC; also of one that is gone. */
  readonly saidAt: Readonly<Record<string, string>>;
}

export const holdingKey = ({ systemId, record }: Pick<Holding, 'systemId' | 'record'>): string => `${systemId}/${record}`;

const initialState: Holdings = { held: {}, saidAt: {} };

/** A report may come again long after a later one: what was said earlier than what is known changes nothing. */
const decide = (command: HoldingsCommand, { held, saidAt }: Holdings): readonly HoldingsEvent[] => {
  const key = holdingKey(command.data);
  if (command.at < (saidAt[key] ?? '')) return [];
  switch (command.type) {
    case 'ReportHolding':
      return same(held[key], command.data) ? [] : [{ type: 'HoldingReported', data: { ...command.data, reportedAt: command.at } }];
    case 'EndHolding':
      return held[key] ? [{ type: 'HoldingEnded', data: { ...command.data, endedAt: command.at } }] : [];
    default:
      return unreachable(command);
  }
};

const evolve = ({ held, saidAt }: Holdings, event: HoldingsEvent): Holdings => {
  switch (event.type) {
    case 'HoldingReported': {
      const { reportedAt, ...holding } = event.data;
      const key = holdingKey(holding);
      return { held: { ...held, [key]: holding }, saidAt: { ...saidAt, [key]: reportedAt } };
    }
    case 'HoldingEnded': {
      const key = holdingKey(event.data);
      const { [key]: _, ...rest } = held;
      return { held: rest, saidAt: { ...saidAt, [key]: event.data.endedAt } };
    }
    default:
      event satisfies never;
      return { held, saidAt };
  }
};

export const holdings: Decider<HoldingsCommand, HoldingsEvent, Holdings> = { initialState, decide, evolve };

export const holdingsStream = (customerId: string): string => `holdings-${customerId}`;
