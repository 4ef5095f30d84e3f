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

export type HoldingsCommand = Command<'ReportHolding', Holding> | Command<'EndHolding', { systemId: string; record: string }>;

export type HoldingsEvent =
  | Event<'HoldingReported', Holding & { reportedAt: string }>
  | Event<'HoldingEnded', { systemId: string; record: string; endedAt: string }>;

/** By {@link holdingKey}. */
export type Holdings = Readonly<Record<string, Holding>>;

export const holdingKey = ({ systemId, record }: Pick<Holding, 'systemId' | 'record'>): string => `${systemId}/${record}`;

const initialState: Holdings = {};

const decide = (command: HoldingsCommand, holdings: Holdings): readonly HoldingsEvent[] => {
  const known = holdings[holdingKey(command.data)];
  switch (command.type) {
    case 'ReportHolding':
      return same(known, command.data) ? [] : [{ type: 'HoldingReported', data: { ...command.data, reportedAt: command.at } }];
    case 'EndHolding':
      return known ? [{ type: 'HoldingEnded', data: { ...command.data, endedAt: command.at } }] : [];
    default:
      return unreachable(command);
  }
};

const evolve = (holdings: Holdings, event: HoldingsEvent): Holdings => {
  switch (event.type) {
    case 'HoldingReported': {
      const { reportedAt: _, ...holding } = event.data;
      return { ...holdings, [holdingKey(holding)]: holding };
    }
    case 'HoldingEnded': {
      const { [holdingKey(event.data)]: _, ...rest } = holdings;
      return rest;
    }
    default:
      event satisfies never;
      return holdings;
  }
};

export const holdings: Decider<HoldingsCommand, HoldingsEvent, Holdings> = { initialState, decide, evolve };

export const holdingsStream = (customerId: string): string => `holdings-${customerId}`;
