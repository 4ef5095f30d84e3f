import type { Metadata } from '@grpc/grpc-js';

const streams = new WeakSet<Metadata>();

/** grpc-js hands out the same class for calls with one answer and with many: what the server knows is noted here. */
export const markStreaming = (metadata: Metadata): void => void streams.add(metadata);
export const isStreaming = (metadata: Metadata): boolean => streams.has(metadata);
