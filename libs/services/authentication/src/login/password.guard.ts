import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { randomId } from '@kendt/eventsourcing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { Interactions, type LoginRequest } from './interactions.js';
import { type PasswordOutcome, Passwords } from './passwords.js';

/** What the strategy may see of a request: never the query, where a password has no place. */
interface Tried {
  readonly body: { readonly email: string; readonly password: string };
  readonly clientId: string;
}

@Injectable()
export class PasswordStrategy extends PassportStrategy(Strategy, 'password') {
  constructor(@Inject(Passwords) private readonly passwords: Passwords) {
    super({ usernameField: 'email', passReqToCallback: true });
  }

  validate({ clientId }: Tried, email: string, password: string): Promise<PasswordOutcome> {
    return this.passwords.check(email, password, clientId);
  }
}

interface Attempt {
  readonly login: LoginRequest;
  readonly tried: Tried;
  outcome: PasswordOutcome;
}

const attempts = new WeakMap<FastifyRequest, Attempt>();

/** The login request and what came of the password, for the handler behind {@link PasswordGuard}. */
export const attemptOf = (request: FastifyRequest): Attempt => {
  const attempt = attempts.get(request);
  if (!attempt) throw new Error('No password was checked for this request');
  return attempt;
};

/**
 * Passport checks the password; the page says what came of it, so a wrong one is no error here. Passport knows strategies for
 * the whole process, so each app gets a name of its own. By name, never as the object: passport copies a named strategy for
 * every request, but writes `success` and `fail` straight on an object, and of two at once one gets the other's answer.
 */
@Injectable()
export class PasswordGuard extends AuthGuard() {
  constructor(
    @Inject(PasswordStrategy) strategy: PasswordStrategy,
    @Inject(Interactions) private readonly interactions: Interactions,
  ) {
    const name = `password ${randomId()}`;
    passport.use(name, strategy);
    super({ defaultStrategy: name, session: false });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const login = await this.interactions.of(request, context.switchToHttp().getResponse<FastifyReply>());
    const { email, password } = (request.body ?? {}) as Record<string, unknown>;
    const body = { email: typeof email === 'string' ? email.slice(0, 320) : '', password: typeof password === 'string' ? password : '' };
    attempts.set(request, { login, tried: { body, clientId: login.clientId }, outcome: { outcome: 'wrong' } });
    return (await super.canActivate(context)) as boolean;
  }

  override getRequest(context: ExecutionContext): Tried {
    return attemptOf(context.switchToHttp().getRequest<FastifyRequest>()).tried;
  }

  override handleRequest<T>(error: unknown, outcome: PasswordOutcome | false, _info: unknown, context: ExecutionContext): T {
    if (error) throw error as Error;
    if (outcome) attemptOf(context.switchToHttp().getRequest<FastifyRequest>()).outcome = outcome;
    return outcome as T;
  }
}
