import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Observable, throwError } from 'rxjs';
import { grpcError } from '../grpc/grpc-error.js';
import { AllowedMethods } from '../http/allowed-methods.js';
import { rememberCode } from '../http/request-log.js';
import { stackFrames } from '../logs/stack-frames.js';
import { currentTrace } from '../http/trace.js';
import { errorPage, wantsPage } from '../pages/error-page.js';
import { LOGGER } from '../tokens.js';
import { Problem, problemDetails, toProblem } from './problem.js';

/** The one place where errors become answers. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AllowedMethods) private readonly allowedMethods: AllowedMethods,
  ) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | Promise<void> {
    const problem = host.getType() === 'http' ? this.#methodProblem(error, host) : toProblem(error);
    this.#log(problem);
    if (host.getType() === 'rpc') return throwError(() => grpcError(problem));
    return answer(problem, host.switchToHttp().getRequest<FastifyRequest>(), host.switchToHttp().getResponse<FastifyReply>());
  }

  /** The router knows no 405: a path that other methods have gets one, with `Allow` (RFC 9110, 15.5.6). */
  #methodProblem(error: unknown, host: ArgumentsHost): Problem {
    const problem = toProblem(error);
    if (!(error instanceof HttpException) || problem.status !== 404) return problem;
    const { url } = host.switchToHttp().getRequest<FastifyRequest>();
    const allowed = this.allowedMethods.at(url);
    if (allowed.length === 0) return problem;
    return new Problem(405, 'METHOD_NOT_ALLOWED', 'This method is not allowed here', { headers: { allow: allowed.join(', ') } });
  }

  /** The stack says where; what was sent is never logged. */
  #log(problem: Problem): void {
    if (problem.status !== 500) return;
    const { cause } = problem;
    this.logger.error({ traceId: currentTrace()?.traceId, error: cause instanceof Error ? cause.name : undefined, stack: stackFrames(cause) ?? typeof cause }, 'Unexpected error');
  }
}

/** Messages of foreign errors may repeat what was sent, so only the frames are kept. */
const answer = async (problem: Problem, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  if (reply.sent) return;
  rememberCode(request, problem.code);
  const headers = { 'cache-control': 'no-store', ...problem.options.headers };
  const traceId = currentTrace()?.traceId;
  if (wantsPage(request)) await reply.code(problem.status).headers(headers).type('text/html; charset=utf-8').send(errorPage(problem, request, traceId));
  else await reply.code(problem.status).headers(headers).type('application/problem+json').send(JSON.stringify(problemDetails(problem, traceId)));
};
