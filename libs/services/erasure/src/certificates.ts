import { Inject, Injectable } from '@nestjs/common';
import type { Certificate } from '@kendt/contracts';
import { type ErasureEvent, erasureStream, system, type System, systemStream } from '@kendt/domain';
import { type EventStore, type Position, readAll, stateOf, type StoredEvent } from '@kendt/eventsourcing';
import { type Config, CONFIG, EVENT_STORE, type Secrets, SECRETS } from '@kendt/nest';
import { certificatePayload, completedCase, signCertificate } from './certificate.js';
import { customerNotFound, lastKnown } from './customers.js';

/** Certificates are made anew from the streams each time; none is stored. */
@Injectable()
export class Certificates {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** @throws Refusal ERASURE_NOT_COMPLETED */
  async of(caseId: string): Promise<Certificate> {
    const stored = await readAll(this.store, erasureStream(caseId));
    const erasure = completedCase(stored as readonly StoredEvent[] as unknown as readonly ErasureEvent[]);
    const end = stored.find(({ type }) => type === 'ErasureCompleted')?.position ?? '';
    const customer = await lastKnown(this.store, erasure.customerId);
    if (!customer) throw customerNotFound();
    const systemIds = Object.values(erasure.tasks).map(({ systemId }) => systemId);
    const systems = Object.fromEntries(await Promise.all(systemIds.map(async (id) => [id, await this.#systemAt(id, end)] as const)));
    const payload = certificatePayload({ issuer: this.config.publicUrl, caseId, erasure, customer, systems });
    return { jws: await signCertificate(payload, this.secrets.evidenceKey), payload };
  }

  async #systemAt(systemId: string, until: Position): Promise<System> {
    const events = (await readAll(this.store, systemStream(systemId))).filter(({ position }) => position <= until);
    return stateOf(system, events);
  }
}
