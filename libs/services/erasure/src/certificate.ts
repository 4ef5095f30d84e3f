import { certificateAlgorithm, type CertificatePayload, certificateType } from '@kendt/contracts';
import { claimsOf, erasure, type ErasureEvent, type ErasureTask, type LivingCustomer, type OpenErasure, type System } from '@kendt/domain';
import { type DataGroup, dataGroups, fold, Refusal } from '@kendt/kernel';
import { CompactSign, importJWK, type JWK } from 'jose';

/** The case as it stood when it was completed: what happens later (a retention that ends) is not what was certified then. */
export const completedCase = (events: readonly ErasureEvent[]): OpenErasure => {
  const end = events.findIndex(({ type }) => type === 'ErasureCompleted');
  const state = fold(erasure, events.slice(0, end + 1));
  if (end < 0 || state.status === 'absent') throw new Refusal('ERASURE_NOT_COMPLETED', 'The certificate is there once every system has answered');
  return state;
};

export interface Certified {
  readonly issuer: string;
  readonly caseId: string;
  readonly erasure: OpenErasure;
  /** As last known. */
  readonly customer: LivingCustomer;
  /** As they were declared when the case was completed. */
  readonly systems: Readonly<Record<string, System>>;
}

/** Nothing in it depends on when it is asked for, so that asking twice gives the same bytes. */
export const certificatePayload = ({ issuer, caseId, erasure: state, customer, systems }: Certified): CertificatePayload => {
  const first = Object.values(state.tasks).filter(({ kind }) => kind === 'erase');
  const completedAt = state.completedAt ?? '';
  return {
    version: 1,
    issuer,
    issuedAt: completedAt,
    caseId,
    customerId: state.customerId,
    controllers: [...customer.brands],
    requestedAt: state.requestedAt,
    confirmedAt: state.confirmedAt ?? '',
    completedAt,
    erased: first.flatMap((task) => erasedAt(task, state, systems[task.systemId])),
    keysDestroyed: (state.keys?.groups ?? []).map((group) => ({ group, algorithm: 'AES-256-GCM' as const, at: state.keys?.destroyedAt ?? '' })),
    identifiersReleased: claimsOf(customer).length,
    kept: keptGroups(state.keys?.groups ?? []),
    retained: state.retained.map(({ systemId, record, what, law, basis, until }) => ({ where: systemId, record, what, law, basis, until })),
    notHeld: first.flatMap(({ status, systemId, answeredAt = '' }) => (status === 'unknown' ? [{ where: systemId, at: answeredAt }] : [])),
    unanswered: [],
  };
};

/** A system that kept something has erased the rest. */
const erasedAt = (task: ErasureTask, { retained }: OpenErasure, system: System | undefined): CertificatePayload['erased'] => {
  if (task.status !== 'erased' && task.status !== 'retained') return [];
  const kept = retained.filter(({ systemId }) => systemId === task.systemId).map(({ what }) => what);
  const declared = system && system.status !== 'absent' ? system.declarations.map(({ what }) => what) : [];
  const what = declared.filter((each) => !kept.includes(each));
  return task.status === 'erased' || what.length > 0 ? [{ where: task.systemId, what, at: task.answeredAt ?? '' }] : [];
};

const keptGroups = (destroyed: readonly DataGroup[]): CertificatePayload['kept'] =>
  dataGroups
    .filter((group) => !destroyed.includes(group))
    .map((group) => ({ group, law: 'GDPR art. 5(2)', basis: 'GDPR art. 17(3)(e): to prove consents, look-ups and this erasure' }));

/** Compact JWS (RFC 7515) with Ed25519 (RFC 8037), whose signatures are deterministic. */
export const signCertificate = async (payload: CertificatePayload, key: JWK): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: certificateAlgorithm, typ: certificateType, ...(key.kid && { kid: key.kid }) })
    .sign(await importJWK({ ...key, alg: certificateAlgorithm }));
