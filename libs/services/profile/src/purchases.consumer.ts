import { fromMessage, purchaseMessages, speakerOf, topicPatterns } from '@kendt/contracts';
import { type CommandContext, type Consumer, deterministicId, type TopicMessage } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import type { Directory } from '@kendt/nest';
import { RecordPurchaseCommand } from './record-purchase.handler.js';

export const purchasesGroup = 'profile-purchases';

/** Purchases that shops report on their topics. What cannot be taken is refused, and so becomes a dead letter at once. */
export const consumePurchases = (directory: Pick<Directory, 'system'>, execute: (command: RecordPurchaseCommand) => Promise<unknown>): Consumer => ({
  group: purchasesGroup,
  topics: topicPatterns.purchases,
  atOnce: 384,
  handle: async (message) => void (await execute(purchaseCommand(directory, message))),
  mayCome: ['CUSTOMER_NOT_FOUND', 'SYSTEM_NOT_FOUND'],
  keepDeadMs: 7 * 24 * 3_600_000, // as long as their topic keeps them
  personal: true, // they say what somebody bought
});

/** Who speaks is told by the topic, never by the message. A message that comes again gives the same command. */
export const purchaseCommand = (directory: Pick<Directory, 'system'>, message: TopicMessage): RecordPurchaseCommand => {
  const { data, id, source, traceparent } = fromMessage(message, purchaseMessages);
  const systemId = speakerOf(message, { source });
  const { brandId, ...purchase } = data;
  refuseForeignBrand(directory, systemId, brandId);
  const context: CommandContext = {
    commandId: deterministicId('message', systemId, source, id),
    actor: { kind: 'system', id: systemId },
    channel: purchase.channel,
    brand: brandId,
    ...(traceparent && { traceparent }),
  };
  return new RecordPurchaseCommand(purchase, brandId, systemId, context);
};

const refuseForeignBrand = (directory: Pick<Directory, 'system'>, systemId: string, brandId: string): void => {
  const system = directory.system(systemId);
  if (!system) throw new Refusal('SYSTEM_NOT_FOUND', 'No such system', 'not-found');
  if (!system.description.brands.includes(brandId)) throw new Refusal('BRAND_NOT_OF_SYSTEM', 'This system does not serve this brand', 'forbidden');
};
