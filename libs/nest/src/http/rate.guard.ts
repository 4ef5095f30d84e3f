import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import { Problem } from '../problems/problem.js';
import { peerAddress, trustedProxies } from '../grpc/peer-address.js';
import { CONFIG } from '../tokens.js';
import { RateLimits } from './rate-limits.js';

const RATE = 'kendt:rate';

export interface RateOptions {
  /** Which limit of the configuration holds per client address. */
  readonly perAddress: 'login' | 'register';
  /** The field of the body that names a person, such as `email`: limited as well, wherever the requests come from. */
  readonly perIdentifier?: string;
}

/** 429 RATE_LIMITED with Retry-After when there are too many. */
export const RateLimited = (options: RateOptions): MethodDecorator => SetMetadata(RATE, options);

@Injectable()
export class RateGuard implements CanActivate {
  readonly #isTrusted: (address: string) => boolean;

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(RateLimits) private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.#isTrusted = trustedProxies(config.trustProxy);
  }

  canActivate(context: ExecutionContext): boolean {
    const options = this.reflector.get<RateOptions | undefined>(RATE, context.getHandler());
    if (!options) return true;
    const { address, body } = requestOf(context, this.#isTrusted);
    const waits = [this.limits.take(options.perAddress, address, this.config.rates[options.perAddress])];
    const identifier = normalised(body?.[options.perIdentifier ?? '']);
    if (identifier) waits.push(this.limits.take(`${options.perAddress}:identifier`, identifier, this.config.rates.identifier));
    const wait = Math.max(...waits);
    if (wait > 0) throw new Problem(429, 'RATE_LIMITED', 'Too many attempts; wait a little', { headers: { 'retry-after': String(wait) } });
    return true;
  }
}

const requestOf = (context: ExecutionContext, isTrusted: (address: string) => boolean): { address: string; body: Record<string, unknown> | undefined } => {
  if (context.getType() === 'rpc') {
    const call = context.getArgByIndex<ServerUnaryCall<unknown, unknown>>(2);
    return { address: peerAddress(call, isTrusted), body: call.request as Record<string, unknown> };
  }
  const { ip, body } = context.switchToHttp().getRequest<FastifyRequest>();
  return { address: ip, body: body as Record<string, unknown> | undefined };
};

/** Case and spaces make no other person. */
const normalised = (value: unknown): string | undefined => (typeof value === 'string' ? value.normalize('NFKC').replaceAll(/\s+/g, '').toLowerCase().slice(0, 320) || undefined : undefined);
