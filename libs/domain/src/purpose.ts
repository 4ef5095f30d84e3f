import { type Command, type Decider, type Event, Refusal, unreachable } from '@kendt/kernel';
import { same } from './same.js';

/** GDPR 6(1): the six lawful bases. */
export type LawfulBasis = 'consent' | 'contract' | 'legal-obligation' | 'vital-interests' | 'public-task' | 'legitimate-interests';

/** Per language: what a person reads. */
export type Texts = Readonly<Record<string, string>>;

interface Definition {
  readonly basis: LawfulBasis;
  readonly brands: readonly string[];
  readonly title: Texts;
}

export type PurposeCommand =
  | Command<'DefinePurpose', Definition>
  | Command<'PublishNotice', { version: number; texts: Texts }>
  | Command<'RetirePurpose', Record<never, never>>;

export type PurposeEvent =
  | Event<'PurposeDefined', Definition & { definedAt: string }>
  | Event<'NoticePublished', { version: number; texts: Texts; publishedAt: string }>
  | Event<'PurposeRetired', { retiredAt: string }>;

export interface Notice {
  readonly version: number;
  readonly texts: Texts;
  readonly publishedAt: string;
}

export type Purpose = { readonly status: 'absent' } | { readonly status: 'offered' | 'retired'; readonly definition: Definition; readonly notices: readonly Notice[] };

const initialState: Purpose = { status: 'absent' };

const decide = (command: PurposeCommand, purpose: Purpose): readonly PurposeEvent[] => {
  switch (command.type) {
    case 'DefinePurpose':
      if (purpose.status === 'offered' && same(purpose.definition, command.data)) return [];
      return [{ type: 'PurposeDefined', data: { ...command.data, definedAt: command.at } }];
    case 'PublishNotice':
      return publishNotice(command, purpose);
    case 'RetirePurpose':
      return purpose.status === 'offered' ? [{ type: 'PurposeRetired', data: { retiredAt: command.at } }] : [];
    default:
      return unreachable(command);
  }
};

/** A changed text never replaces an old one: people have said yes to that. It becomes the next version. */
const publishNotice = ({ data, at }: Extract<PurposeCommand, { type: 'PublishNotice' }>, purpose: Purpose): readonly PurposeEvent[] => {
  if (purpose.status === 'absent') throw new Refusal('PURPOSE_NOT_FOUND', 'No such purpose', 'not-found');
  const current = purpose.notices.length;
  const known = purpose.notices[data.version - 1];
  if (known && same(known.texts, data.texts)) return [];
  if (data.version !== current && data.version !== current + 1)
    throw new Refusal('NOTICE_HISTORY_CHANGED', `Notice ${data.version} cannot be written: the current one is ${current}`, 'invalid');
  return [{ type: 'NoticePublished', data: { version: current + 1, texts: data.texts, publishedAt: at } }];
};

const evolve = (purpose: Purpose, event: PurposeEvent): Purpose => {
  const notices = purpose.status === 'absent' ? [] : purpose.notices;
  switch (event.type) {
    case 'PurposeDefined': {
      const { definedAt: _, ...definition } = event.data;
      return { status: 'offered', definition, notices };
    }
    case 'NoticePublished':
      return purpose.status === 'absent' ? purpose : { ...purpose, notices: [...notices, event.data] };
    case 'PurposeRetired':
      return purpose.status === 'absent' ? purpose : { ...purpose, status: 'retired' };
    default:
      event satisfies never;
      return purpose;
  }
};

/** 0 while no notice was ever published. */
export const currentNotice = (purpose: Purpose): number => (purpose.status === 'absent' ? 0 : purpose.notices.length);

export const purpose: Decider<PurposeCommand, PurposeEvent, Purpose> = { initialState, decide, evolve };

export const purposeStream = (purposeId: string): string => `purpose-${purposeId}`;
