import type { Metadata } from '@grpc/grpc-js';
import { type CommandContext, deterministicId, randomId } from '@kendt/eventsourcing';
import type { Caller } from '../auth/caller.js';
import { Problem } from '../problems/problem.js';
import { type HeaderSource, headerOf } from './call.js';
import { currentTrace, traceparent } from './trace.js';

const keyShape = /^[\x21-\x7e]{1,255}$/;
const channelShape = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * Who asks, through what, for the events that follow. The same Idempotency-Key of the same caller gives the same command id.
 * @param request the REST request, or the metadata of a gRPC call
 */
export const commandContext = (caller: Caller | undefined, request: HeaderSource | Metadata): CommandContext => {
  const key = idempotencyKey(request);
  const channel = channelOf(caller, request);
  const trace = currentTrace();
  return {
    commandId: key ? deterministicId(...callerParts(caller), key) : randomId(),
    actor: caller ? { kind: caller.kind, id: caller.customerId ?? caller.clientId } : { kind: 'system', id: 'public' },
    ...(channel && { channel }),
    ...(caller?.brand && { brand: caller.brand }),
    ...(trace && { traceparent: traceparent(trace) }),
  };
};

/** Customers of one web shop share its client id, but never a key. */
export const callerParts = (caller: Caller | undefined): string[] => (caller ? [caller.clientId, caller.customerId ?? ''] : ['public', '']);

/** Bare, or quoted as the IETF draft wants it. */
export const idempotencyKey = (request: HeaderSource | Metadata): string | undefined => {
  const sent = headerOf(request, 'idempotency-key');
  if (sent === undefined) return undefined;
  const key = sent.replace(/^"(.*)"$/, '$1');
  if (!keyShape.test(key)) throw new Problem(400, 'IDEMPOTENCY_KEY_INVALID', 'The Idempotency-Key must have 1 to 255 visible ASCII characters');
  return key;
};

const channelOf = (caller: Caller | undefined, request: HeaderSource | Metadata): string | undefined => {
  const sent = headerOf(request, 'kendt-channel');
  if (sent !== undefined && !channelShape.test(sent)) throw new Problem(400, 'CHANNEL_INVALID', 'Kendt-Channel must be a short word in lower case');
  return sent ?? caller?.channel;
};
