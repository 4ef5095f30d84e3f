import { type CommandContext, deterministicId, type StoredEvent } from '@kendt/eventsourcing';

/** What the workflow does of itself. The same step of the same case has the same command id, so it is done once. */
export const stepContext = (caseId: string, step: string, cause?: StoredEvent): CommandContext => ({
  commandId: deterministicId('erasure', caseId, step),
  actor: { kind: 'system', id: 'erasure' },
  correlationId: cause?.metadata.correlationId ?? caseId,
  ...(cause && { causationId: cause.id }),
  ...(cause?.metadata.traceparent && { traceparent: cause.metadata.traceparent }),
});

/** What a system has said on a topic: a message that comes again has the same command id. */
export const messageContext = (systemId: string, message: { readonly id: string; readonly source: string; readonly traceparent?: string }): CommandContext => ({
  commandId: deterministicId('message', systemId, message.source, message.id),
  actor: { kind: 'system', id: systemId },
  causationId: message.id,
  ...(message.traceparent && { traceparent: message.traceparent }),
});
