import type { AnswerConsent } from '@kendt/contracts';
import { type ConsentCommand, currentNotice, type Purpose } from '@kendt/domain';
import { Refusal } from '@kendt/kernel';
import { bodyInvalid, type Caller } from '@kendt/nest';

/**
 * Whom the answer is for. A brand's client speaks for that brand alone; a customer names the brand, or means the one whose
 * shop they are signed in to.
 */
export const brandOf = (caller: Caller, wished: string | undefined): string => {
  const bound = caller.kind === 'client' ? caller.brand : undefined;
  if (bound && wished && wished !== bound) throw new Refusal('BRAND_NOT_YOURS', 'This client acts for another brand', 'forbidden');
  const brandId = wished ?? caller.brand;
  if (!brandId) throw bodyInvalid([{ path: ['brandId'], message: 'is needed: the token names no brand' }]);
  return brandId;
};

export interface Asked {
  readonly purposeId: string;
  readonly brandId: string;
  readonly channel: string;
  readonly at: string;
}

/** The answer as the domain takes it. Withdrawing needs no purpose that is still offered: it never fails (GDPR 7(3)). */
export const consentCommand = ({ purposeId, brandId, channel, at }: Asked, answer: AnswerConsent, purpose: Purpose): ConsentCommand => {
  const definition = answerable(purpose);
  if (answer.answer === 'withdrawn') return { type: 'WithdrawConsent', at, data: { brandId, purposeId, channel } };
  if (purpose.status !== 'offered' || !definition.brands.includes(brandId)) throw purposeNotFound();
  const { noticeVersion, language } = answer;
  const type = answer.answer === 'granted' ? 'GrantConsent' : 'RefuseConsent';
  return { type, at, data: { brandId, purposeId, noticeVersion, language, channel, currentNotice: currentNotice(purpose) } };
};

const answerable = (purpose: Purpose) => {
  if (purpose.status === 'absent') throw purposeNotFound();
  if (purpose.definition.basis !== 'consent')
    throw new Refusal('PURPOSE_NOT_CONSENT_BASED', `This purpose rests on ${purpose.definition.basis}, so there is nothing to consent to`, 'invalid');
  return purpose.definition;
};

export const purposeNotFound = (): Refusal => new Refusal('PURPOSE_NOT_FOUND', 'No such purpose', 'not-found');
