import { type Command, type Decider, type Event, unreachable } from '@kendt/kernel';
import type { LawfulBasis } from './purpose.js';
import { same } from './same.js';

/** A kind of record that the system holds. */
export interface Declaration {
  readonly what: string;
  readonly basis: LawfulBasis;
  readonly purposeId?: string;
}

/** A law that keeps a kind of record from being erased, and for how long: the clock runs per record, not per customer. */
export interface RetentionRule {
  readonly what: string;
  readonly law: string;
  /** ISO 8601 duration. */
  readonly keepFor: string;
  readonly from: 'recorded' | 'financial-year-end';
  /** MM-DD, where `from` is the end of the financial year. */
  readonly financialYearEnd?: string;
}

interface SystemDescription {
  readonly name: string;
  readonly brands: readonly string[];
}

/** A message on a topic of the system that said what it has no right to say. Where it stood, never what stood in it. */
export interface RefusedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** The code of the refusal. */
  readonly reason: string;
}

export type SystemCommand =
  | Command<'RegisterSystem', SystemDescription>
  | Command<'DeclareData', { declarations: readonly Declaration[] }>
  | Command<'SetRetentionRules', { rules: readonly RetentionRule[] }>
  | Command<'RetireSystem', Record<never, never>>
  | Command<'RefuseMessage', RefusedMessage>;

export type SystemEvent =
  | Event<'SystemRegistered', SystemDescription & { registeredAt: string }>
  | Event<'DataDeclared', { declarations: readonly Declaration[]; declaredAt: string }>
  | Event<'RetentionRuleSet', { rules: readonly RetentionRule[]; setAt: string }>
  | Event<'SystemRetired', { retiredAt: string }>
  | Event<'SystemMessageRefused', RefusedMessage & { refusedAt: string }>;

export type System =
  | { readonly status: 'absent' }
  | {
      readonly status: 'registered' | 'retired';
      readonly description: SystemDescription;
      readonly declarations: readonly Declaration[];
      readonly rules: readonly RetentionRule[];
      /** The day on which such a message was last recorded, by topic and reason. */
      readonly refusals?: Readonly<Record<string, string>>;
    };

const initialState: System = { status: 'absent' };

const refusalKey = ({ topic, reason }: RefusedMessage): string => `${topic} ${reason}`;

const dayOf = (at: string): string => at.slice(0, 10);

const decide = (command: SystemCommand, system: System): readonly SystemEvent[] => {
  const known = system.status === 'registered' ? system : undefined;
  switch (command.type) {
    case 'RegisterSystem':
      if (known && same(known.description, command.data)) return [];
      return [{ type: 'SystemRegistered', data: { ...command.data, registeredAt: command.at } }];
    case 'DeclareData':
      if (known && same(known.declarations, command.data.declarations)) return [];
      return [{ type: 'DataDeclared', data: { ...command.data, declaredAt: command.at } }];
    case 'SetRetentionRules':
      if (known && same(known.rules, command.data.rules)) return [];
      return [{ type: 'RetentionRuleSet', data: { ...command.data, setAt: command.at } }];
    case 'RetireSystem':
      return known ? [{ type: 'SystemRetired', data: { retiredAt: command.at } }] : [];
    case 'RefuseMessage':
      if (system.status === 'absent' || system.refusals?.[refusalKey(command.data)] === dayOf(command.at)) return [];
      return [{ type: 'SystemMessageRefused', data: { ...command.data, refusedAt: command.at } }];
    default:
      return unreachable(command);
  }
};

const evolve = (system: System, event: SystemEvent): System => {
  if (event.type === 'SystemRegistered') {
    const { name, brands } = event.data;
    const { declarations = [], rules = [] } = system.status === 'absent' ? {} : system;
    return { status: 'registered', description: { name, brands }, declarations, rules, ...(system.status !== 'absent' && system.refusals && { refusals: system.refusals }) };
  }
  if (system.status === 'absent') return system;
  switch (event.type) {
    case 'DataDeclared':
      return { ...system, declarations: event.data.declarations };
    case 'RetentionRuleSet':
      return { ...system, rules: event.data.rules };
    case 'SystemRetired':
      return { ...system, status: 'retired' };
    case 'SystemMessageRefused':
      return { ...system, refusals: { ...system.refusals, [refusalKey(event.data)]: dayOf(event.data.refusedAt) } };
    default:
      event satisfies never;
      return system;
  }
};

export const system: Decider<SystemCommand, SystemEvent, System> = { initialState, decide, evolve };

export const systemStream = (systemId: string): string => `system-${systemId}`;
