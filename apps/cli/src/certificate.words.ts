import type { CertificatePayload } from '@kendt/contracts';

/** What a certificate says, for a person. */
export const certificateWords = (certificate: CertificatePayload): string => {
  const { issuer, caseId, customerId, controllers, requestedAt, confirmedAt, completedAt } = certificate;
  return [
    `Certificate of erasure, issued by ${issuer}`,
    `  case        ${caseId}`,
    `  customer    ${customerId}`,
    `  controllers ${controllers.join(', ')}`,
    `  requested ${requestedAt}, confirmed ${confirmedAt}, completed ${completedAt}`,
    ...section('Erased', [
      ...certificate.erased.map(({ where, what, at }) => `${where}: ${what.join(', ') || 'everything held'}, ${at}`),
      ...certificate.keysDestroyed.map(({ group, algorithm, at }) => `Kendt: ${group}, by destroying its key (${algorithm}), ${at}`),
      ...(certificate.identifiersReleased > 0 ? [`Kendt: ${certificate.identifiersReleased} identifiers given back`] : []),
    ]),
    ...section('Kept, because a law demands it', certificate.retained.map(({ where, what, record, law, basis, until }) => `${where}: ${what} ${record} until ${until} (${law}; ${basis})`)),
    ...section('Kept as evidence', certificate.kept.map(({ group, law, basis }) => `Kendt: ${group} (${law}; ${basis})`)),
    ...section('Held nothing', certificate.notHeld.map(({ where, at }) => `${where}, ${at}`)),
    ...section('Not answered', certificate.unanswered.map(({ where, reason }) => `${where}: ${reason}`)),
  ].join('\n');
};

const section = (title: string, lines: readonly string[]): string[] => (lines.length > 0 ? [`${title}:`, ...lines.map((line) => `  ${line}`)] : []);
