import { STATUS_CODES } from 'node:http';
import { HttpException, type HttpExceptionOptions } from '@nestjs/common';
import { type FieldError, type Problem as ProblemDetails, problemType } from '@kendt/contracts';
import { Refusal, type RefusalKind } from '@kendt/kernel';

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer that says no, ready for the edge: REST and pages give it as RFC 9457, gRPC as a status. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail?: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail ? `${code}: ${detail}` : code, { cause: options.cause });
  }
}

/** The body of `application/problem+json`. */
export const problemDetails = (problem: Problem, traceId?: string): ProblemDetails => ({
  type: problemType(problem.code),
  title: sentence(problem.code),
  status: problem.status,
  code: problem.code,
  ...(problem.detail && { detail: problem.detail }),
  ...(problem.options.errors && { errors: [...problem.options.errors] }),
  ...(traceId && { instance: `urn:kendt:trace:${traceId}` }),
});

const sentence = (code: string): string => code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

const statusOf: Readonly<Record<RefusalKind, number>> = { invalid: 422, forbidden: 403, 'not-found': 404, conflict: 409, gone: 410, busy: 503 };

/** What any error looks like from outside. An unexpected one says nothing about itself. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof Refusal) return refused(error);
  if (error instanceof HttpException) return fromHttp(error);
  return new Problem(500, 'INTERNAL', undefined, { cause: error });
};

const refused = (refusal: Refusal): Problem =>
  new Problem(statusOf[refusal.kind], refusal.code, refusal.message, { cause: refusal, ...(refusal.kind === 'busy' && { headers: { 'retry-after': '1' } }) });

const edge: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['JSON_INVALID', 'The body is not valid JSON, or the request is malformed'],
  404: ['NOT_FOUND', 'There is nothing here'],
  405: ['METHOD_NOT_ALLOWED', 'This method is not allowed here'],
  413: ['BODY_TOO_LARGE', 'The body is larger than 64 KiB'],
  415: ['CONTENT_TYPE_UNSUPPORTED', 'The body must be application/json'],
  414: ['URL_TOO_LONG', 'A part of the address is too long'],
};

/** Fastify's and Nest's own errors: their messages may repeat what was sent, so they are left out. */
const fromHttp = (error: HttpException): Problem => {
  const status = error.getStatus();
  const [code, detail] = edge[status] ?? [status >= 500 ? 'INTERNAL' : upperSnake(STATUS_CODES[status] ?? 'REFUSED'), undefined];
  return new Problem(status, code, detail, { cause: (error as { cause?: HttpExceptionOptions['cause'] }).cause ?? error });
};

const upperSnake = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z]+/g, '_');

/** The same answer for what does not exist and what the caller may not know of. */
export const notFound = (detail = 'There is nothing here'): Problem => new Problem(404, 'NOT_FOUND', detail);
