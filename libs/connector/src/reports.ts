import { HoldingEnded, HoldingReported, type Message, PurchaseReported, toMessage, topics } from '@kendt/contracts';
import { stableId } from './erasure-answer.js';

const source = (system: string): string => `urn:kendt:system:${system}`;

/** @throws ZodError when a field is wrong; nothing is sent then. */
export const purchaseMessage = (system: string, purchase: PurchaseReported): Message => {
  const data = PurchaseReported.parse(purchase);
  return toMessage({
    topic: topics.purchases(system),
    key: data.customerId,
    type: 'kendt.purchase.reported.v1',
    source: source(system),
    id: stableId('purchase', system, data.customerId, data.purchaseId),
    time: data.purchasedAt,
    data,
  });
};

export const holdingMessage = (system: string, holding: HoldingReported): Message => {
  const data = HoldingReported.parse(holding);
  return toMessage({
    topic: topics.holdings(system),
    key: data.customerId,
    type: 'kendt.holding.reported.v1',
    source: source(system),
    id: stableId('holding', system, data.customerId, data.record, data.at),
    time: data.at,
    data,
  });
};

export const holdingEndedMessage = (system: string, holding: HoldingEnded): Message => {
  const data = HoldingEnded.parse(holding);
  return toMessage({
    topic: topics.holdings(system),
    key: data.customerId,
    type: 'kendt.holding.ended.v1',
    source: source(system),
    id: stableId('holding-ended', system, data.customerId, data.record, data.at),
    time: data.at,
    data,
  });
};
