import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { callerOf } from '../auth/caller.js';
import { isStreaming } from '../grpc/streaming.js';
import { Problem, toProblem } from '../problems/problem.js';
import { Answers, type Answer } from './answers.js';
import { asksOnly } from './asks-only.js';
import { callKey, type HeaderSource } from './call.js';
import { callerParts, idempotencyKey } from './command-context.js';
import { positioned } from './positions.js';

const commands = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Another try could be answered differently although nothing was decided: such answers are not kept. */
const passing = new Set(['CONCURRENT_CHANGE', 'VIEW_BEHIND', 'RATE_LIMITED']);

/**
 * The same Idempotency-Key with the same request gives the same answer, for 24 hours; with another request it is refused
 * (IETF draft-ietf-httpapi-idempotency-key-header). The event ids see to it that nothing is appended twice in any case.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> | Promise<Observable<unknown>> {
    const key = isCommand(context) && !asksOnly(context) ? idempotencyKey(callKey(context) as HeaderSource | Metadata) : undefined;
    if (key === undefined) return next.handle();
    return from(this.#once(context, [...callerParts(callerOf(context)), key], next));
  }

  async #once(context: ExecutionContext, key: readonly string[], next: CallHandler): Promise<unknown> {
    const claim = await this.answers.claim(key, fingerprint(context));
    if ('answer' in claim) return repeat(context, claim.answer);
    const position = watchPosition(context);
    try {
      const body: unknown = await lastValueFrom(next.handle() as Observable<unknown>, { defaultValue: undefined });
      await claim.keep({ status: statusOf(context), body, position: position() });
      return body;
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status < 500 && !passing.has(problem.code)) await claim.keep(refusal(problem)).catch(() => claim.release());
      else await claim.release();
      throw error;
    }
  }
}

const isCommand = (context: ExecutionContext): boolean =>
  context.getType() === 'rpc' ? !isStreaming(context.switchToRpc().getContext<Metadata>()) : commands.has(context.switchToHttp().getRequest<FastifyRequest>().method);

const fingerprint = (context: ExecutionContext): string => {
  if (context.getType() === 'rpc') return stable([context.getClass().name, context.getHandler().name, context.switchToRpc().getData<unknown>()]);
  const { method, routeOptions, params, query, body } = context.switchToHttp().getRequest<FastifyRequest>();
  return stable([method, routeOptions.url, params, query, body]);
};

/** JSON with sorted keys: the same content in another order is the same request. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );

const statusOf = (context: ExecutionContext): number => (context.getType() === 'rpc' ? 200 : context.switchToHttp().getResponse<FastifyReply>().statusCode);

/** Gives what the handler will have told the caller about its position. */
const watchPosition = (context: ExecutionContext): (() => string | undefined) => {
  if (context.getType() !== 'rpc') return () => context.switchToHttp().getResponse<FastifyReply>().getHeader('kendt-position') as string | undefined;
  const call = context.getArgByIndex<ServerUnaryCall<unknown, unknown>>(2);
  const send = call.sendMetadata.bind(call);
  let position: string | undefined;
  call.sendMetadata = (metadata) => {
    position = metadata.get('kendt-position')[0]?.toString();
    send(metadata);
  };
  return () => position;
};

const refusal = ({ status, code, detail, options: { errors, headers } }: Problem): Answer => ({
  status,
  problem: { code, detail, ...(errors && { errors }), ...(headers && { headers }) },
});

const repeat = (context: ExecutionContext, { status, body, position, problem }: Answer): unknown => {
  if (problem) throw new Problem(status, problem.code, problem.detail, problem);
  if (context.getType() === 'rpc') {
    if (position) positioned(context.getArgByIndex<ServerUnaryCall<unknown, unknown>>(2), position);
    return body;
  }
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  reply.code(status);
  if (position) positioned(reply, position);
  return body;
};
