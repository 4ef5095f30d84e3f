import { describe } from '@jest/globals';
import type { EventStore } from '@kendt/eventsourcing';
import { appendClauses } from './event-store.append.contract.js';
import { idempotenceClauses } from './event-store.idempotence.contract.js';
import { modelClauses } from './event-store.model.contract.js';
import { readClauses } from './event-store.read.contract.js';
import { subscribeClauses } from './event-store.subscribe.contract.js';
import { type ContractOptions, type Open, subjectOf } from './opened.js';

/** What every event store promises. */
export const eventStoreContract = (name: string, open: Open<EventStore>, { durable = false }: ContractOptions = {}): void => {
  describe(`${name} as an EventStore`, () => {
    const subject = subjectOf(open);
    appendClauses(subject, durable);
    idempotenceClauses(subject, durable);
    readClauses(subject);
    subscribeClauses(subject, durable);
    modelClauses(subject, durable);
  });
};
