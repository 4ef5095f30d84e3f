import type { AnsweredPurpose } from '@kendt/contracts';
import { type ConsentCommand, currentNotice, purpose, type Purpose, purposeStream } from '@kendt/domain';
import { type EventStore, readState } from '@kendt/eventsourcing';
import { Problem } from '@kendt/nest';

export interface Asked {
  readonly brandId: string;
  readonly channel: string;
  readonly at: string;
}

/**
 * The answers as commands. Each is checked against the notice in force, read from the purpose's stream; the first one that does
 * not hold refuses them all, and says which it was.
 * @throws Problem CONSENT_PURPOSE_UNKNOWN, CONSENT_NOTICE_OUTDATED, CONSENT_NOTICE_UNKNOWN, CONSENT_ANSWERED_TWICE, PURPOSE_NOT_CONSENT_BASED
 */
export const consentCommands = async (store: Pick<EventStore, 'read'>, answers: readonly AnsweredPurpose[], asked: Asked): Promise<ConsentCommand[]> => {
  const purposes = await Promise.all(answers.map(({ purposeId }) => readPurpose(store, purposeId)));
  return answers.map((answer, n) => {
    if (answers.findIndex(({ purposeId }) => purposeId === answer.purposeId) < n) throw refused(422, 'CONSENT_ANSWERED_TWICE', n, 'purposeId', 'is answered already');
    return toCommand(answer, check(answer, purposes[n] ?? purpose.initialState, asked.brandId, n), asked);
  });
};

const readPurpose = (store: Pick<EventStore, 'read'>, purposeId: string): Promise<Purpose> =>
  readState(store, purpose, purposeStream(purposeId));

/** Gives the version in force. */
const check = ({ noticeVersion }: AnsweredPurpose, asked: Purpose, brandId: string, n: number): number => {
  if (asked.status !== 'offered' || !asked.definition.brands.includes(brandId)) throw refused(422, 'CONSENT_PURPOSE_UNKNOWN', n, 'purposeId', 'is no purpose of this brand');
  if (asked.definition.basis !== 'consent') throw refused(422, 'PURPOSE_NOT_CONSENT_BASED', n, 'purposeId', `rests on ${asked.definition.basis}: there is nothing to consent to`);
  const current = currentNotice(asked);
  if (noticeVersion < current) throw refused(409, 'CONSENT_NOTICE_OUTDATED', n, 'noticeVersion', `was replaced by notice ${current}`);
  if (noticeVersion > current) throw refused(422, 'CONSENT_NOTICE_UNKNOWN', n, 'noticeVersion', `does not exist; the current one is ${current}`);
  return current;
};

const toCommand = ({ answer, ...given }: AnsweredPurpose, current: number, { at, ...asked }: Asked): ConsentCommand => ({
  type: answer === 'granted' ? 'GrantConsent' : 'RefuseConsent',
  at,
  data: { ...given, ...asked, currentNotice: current },
});

const refused = (status: number, code: string, n: number, field: string, detail: string): Problem =>
  new Problem(status, code, 'One of the consent answers cannot be taken, so nothing was', { errors: [{ pointer: `/consents/${n}/${field}`, detail }] });
