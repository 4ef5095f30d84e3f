import { type NewEvent, randomId } from '@kendt/eventsourcing';

/** An event that says no more than its data. */
export const chaosEvent = (type: string, data: Readonly<Record<string, unknown>>, id = randomId()): NewEvent => ({
  id,
  type,
  data,
  metadata: { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'chaos', recordedAt: new Date().toISOString(), schemaVersion: '1' },
});
