import { ConsentStanding } from '@kendt/contracts';
import { consentKey } from '@kendt/domain';
import type { ListedPurpose } from '@kendt/nest';
import type { Standing, Standings } from './standing.js';

/**
 * How the purposes of one brand stand: those that rest on consent, answered or not, and what was once answered and is no
 * longer asked.
 * @param at as of then; the texts that were published later are left out of account
 */
export const statesOf = (brandId: string, offered: readonly ListedPurpose[], standings: Standings, at?: string): ConsentStanding[] => {
  const asked = offered.filter(({ definition }) => definition.basis === 'consent' && definition.brands.includes(brandId));
  const answered = [...standings.values()].filter((standing) => standing.brandId === brandId);
  const noLongerAsked = answered.filter(({ purposeId }) => !asked.some(({ id }) => id === purposeId));
  return [
    ...asked.map((purpose) => stateOf(brandId, purpose, standings.get(consentKey(brandId, purpose.id)), at)),
    ...noLongerAsked.map((standing) => ConsentStanding.parse(standing)),
  ];
};

const stateOf = (brandId: string, purpose: ListedPurpose, standing: Standing | undefined, at: string | undefined): ConsentStanding => {
  const currentNoticeVersion = noticesBy(purpose, at);
  return ConsentStanding.parse({
    brandId,
    purposeId: purpose.id,
    ...(standing ?? { state: 'none' }),
    ...(currentNoticeVersion > 0 && { currentNoticeVersion }),
  });
};

const noticesBy = ({ notices, currentNotice }: ListedPurpose, at: string | undefined): number =>
  at === undefined ? currentNotice : notices.filter(({ publishedAt }) => Date.parse(publishedAt) <= Date.parse(at)).length;

/** The customer's own brands, and those left behind that still have an answer of theirs. */
export const brandsOf = (joined: readonly string[], standings: Standings): string[] => [
  ...new Set([...joined, ...[...standings.values()].map(({ brandId }) => brandId)]),
];
