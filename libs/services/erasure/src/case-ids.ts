import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { deterministicId } from '@kendt/eventsourcing';
import { SECRETS, type Secrets } from '@kendt/nest';

/**
 * The id of a case is a capability: whoever knows it may see the status page. So nobody can guess it, not even from the
 * Idempotency-Key, and yet the same command gives the same one: it may come twice where the first answer was lost.
 */
@Injectable()
export class CaseIds {
  constructor(@Inject(SECRETS) private readonly secrets: Pick<Secrets, 'linkKey'>) {}

  of(commandId: string): string {
    return deterministicId('erasure-case', createHmac('sha256', this.secrets.linkKey).update(`erasure-case ${commandId}`).digest('hex'));
  }
}
