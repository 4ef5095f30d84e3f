import { type Command, type Decider, type Event, Refusal, unreachable } from '@kendt/kernel';

/** One answer to one purpose of one brand. `currentNotice` is the version in force when the question was answered. */
interface Answer {
  readonly brandId: string;
  readonly purposeId: string;
  readonly noticeVersion: number;
  readonly language: string;
  readonly channel: string;
}

interface Withdrawal {
  readonly brandId: string;
  readonly purposeId: string;
  readonly channel: string;
}

export type ConsentCommand =
  | Command<'GrantConsent', Answer & { currentNotice: number }>
  | Command<'RefuseConsent', Answer & { currentNotice: number }>
  | Command<'WithdrawConsent', Withdrawal>;

export type ConsentEvent =
  | Event<'ConsentGranted', Answer & { grantedAt: string }>
  | Event<'ConsentRefused', Answer & { refusedAt: string }>
  | Event<'ConsentWithdrawn', Withdrawal & { withdrawnAt: string }>;

export interface ConsentState {
  readonly status: 'granted' | 'refused' | 'withdrawn';
  readonly noticeVersion: number;
  readonly language: string;
}

/** By {@link consentKey}. */
export type Consents = Readonly<Record<string, ConsentState>>;

export const consentKey = (brandId: string, purposeId: string): string => `${brandId}/${purposeId}`;

const initialState: Consents = {};

const decide = (command: ConsentCommand, consents: Consents): readonly ConsentEvent[] => {
  const before = consents[consentKey(command.data.brandId, command.data.purposeId)];
  switch (command.type) {
    case 'GrantConsent': {
      const { currentNotice, ...answer } = command.data;
      checkNotice(answer.noticeVersion, currentNotice);
      if (before?.status === 'granted' && before.noticeVersion === answer.noticeVersion) return [];
      return [{ type: 'ConsentGranted', data: { ...answer, grantedAt: command.at } }];
    }
    case 'RefuseConsent': {
      const { currentNotice, ...answer } = command.data;
      checkNotice(answer.noticeVersion, currentNotice);
      if (before?.status === 'refused' && before.noticeVersion === answer.noticeVersion) return [];
      return [{ type: 'ConsentRefused', data: { ...answer, refusedAt: command.at } }];
    }
    case 'WithdrawConsent':
      if (before?.status !== 'granted') return []; // GDPR 7(3): withdrawing is as easy as giving, and never fails
      return [{ type: 'ConsentWithdrawn', data: { ...command.data, withdrawnAt: command.at } }];
    default:
      return unreachable(command);
  }
};

/** GDPR 4(11): consent is informed, so it is given on the text in force, not on an older or an invented one. */
const checkNotice = (shown: number, current: number): void => {
  if (shown < current) throw new Refusal('CONSENT_NOTICE_OUTDATED', `Notice ${current} has replaced notice ${shown}`);
  if (shown > current) throw new Refusal('CONSENT_NOTICE_UNKNOWN', `There is no notice ${shown}; the current one is ${current}`, 'invalid');
};

const evolve = (consents: Consents, event: ConsentEvent): Consents => {
  switch (event.type) {
    case 'ConsentGranted':
      return answered(consents, event.data, 'granted');
    case 'ConsentRefused':
      return answered(consents, event.data, 'refused');
    case 'ConsentWithdrawn': {
      const key = consentKey(event.data.brandId, event.data.purposeId);
      const before = consents[key];
      return before ? { ...consents, [key]: { ...before, status: 'withdrawn' } } : consents;
    }
    default:
      event satisfies never;
      return consents;
  }
};

const answered = (consents: Consents, { brandId, purposeId, noticeVersion, language }: Answer, status: 'granted' | 'refused'): Consents => ({
  ...consents,
  [consentKey(brandId, purposeId)]: { status, noticeVersion, language },
});

/** True while the customer's yes stands. */
export const isGranted = (consents: Consents, brandId: string, purposeId: string): boolean =>
  consents[consentKey(brandId, purposeId)]?.status === 'granted';

export const consent: Decider<ConsentCommand, ConsentEvent, Consents> = { initialState, decide, evolve };

export const consentStream = (customerId: string): string => `consent-${customerId}`;
