import { v5, v7 } from 'uuid';
import type { ActorKind } from './event-store.port.js';

/** Who asks, through what; becomes the metadata of every event that follows. */
export interface CommandContext {
  /** Derived from the Idempotency-Key, the message or the event that led here; random otherwise. */
  readonly commandId: string;
  readonly actor: { readonly kind: ActorKind; readonly id: string };
  readonly channel?: string;
  readonly brand?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

const namespace = '8f7c0f1e-6c1b-5d1c-9d55-2f0d4a3a6a10';

/** The same parts give the same id (UUIDv5, RFC 9562). */
export const deterministicId = (...parts: readonly string[]): string => v5(parts.join('\u0000'), namespace);

/** A new id that sorts by time (UUIDv7, RFC 9562). */
export const randomId = (): string => v7();

export const eventId = (commandId: string, index: number): string => deterministicId(commandId, String(index));
