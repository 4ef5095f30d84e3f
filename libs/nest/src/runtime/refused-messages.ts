import { ownerOf } from '@kendt/contracts';
import { system, systemStream } from '@kendt/domain';
import { type Clock, decision, deterministicId, type EventStore, handle, timestamp, type TopicMessage } from '@kendt/eventsourcing';

/**
 * A system has said on its topic what it has no right to say: in the name of another one, or of a brand that it does not serve.
 * Recorded with the system, for whoever audits; once a day for each topic and reason, since a system may say it a million times.
 */
export const recordRefusal = async (events: EventStore, clock: Clock, { topic, partition, offset }: TopicMessage, reason: string): Promise<void> => {
  const systemId = ownerOf(topic);
  if (systemId === undefined) return;
  const at = timestamp(clock);
  const context = { commandId: deterministicId('refused', topic, String(partition), offset), actor: { kind: 'system' as const, id: systemId } };
  await handle(events, [decision(system, systemStream(systemId), { type: 'RefuseMessage', at, data: { topic, partition, offset, reason } })], context, at);
};
