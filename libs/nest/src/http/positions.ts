import { Metadata } from '@grpc/grpc-js';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Position } from '@kendt/eventsourcing';
import { Problem } from '../problems/problem.js';
import { header } from './call.js';

/** A reply of REST, or the call of gRPC: what can carry `Kendt-Position` to the caller. */
export type PositionTarget = { header(name: string, value: string): unknown } | { sendMetadata(metadata: Metadata): void };

/** Tells the caller how far a command has written; a query that sends it back as `Kendt-After` sees it. */
export const positioned = (target: PositionTarget, position: Position): void => {
  if (position === '') return;
  if ('sendMetadata' in target) target.sendMetadata(positionMetadata(position));
  else target.header('kendt-position', position);
};

const positionMetadata = (position: Position): Metadata => {
  const metadata = new Metadata();
  metadata.set('kendt-position', position);
  return metadata;
};

const shape = /^[\x21-\x7e]{1,256}$/;

/** `Kendt-After` of the request: pass it to `followers.caughtUpWith(name, after)`. */
export const After = createParamDecorator((_: unknown, context: ExecutionContext): Position | undefined => {
  const after = header(context, 'kendt-after');
  if (after !== undefined && !shape.test(after)) throw new Problem(400, 'POSITION_INVALID', 'Kendt-After is not a position');
  return after;
});
