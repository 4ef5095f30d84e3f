import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { AccessTokens } from './auth/access-tokens.js';
import { AuthGuard } from './auth/auth.guard.js';
import { RouteCheck } from './auth/route-check.js';
import { AllowedMethods } from './http/allowed-methods.js';
import { Directory } from './catalogue/directory.js';
import { ContractController } from './docs/contract.controller.js';
import { Answers } from './http/answers.js';
import { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
import { BodyGuard } from './http/body.guard.js';
import { RateGuard } from './http/rate.guard.js';
import { RateLimits } from './http/rate-limits.js';
import { RawRoutes } from './http/raw-routes.js';
import { MailModule } from './mail/mail.module.js';
import { HealthController } from './operators/health.controller.js';
import { Health } from './operators/health.js';
import { ObservedCommands } from './observed/observed-commands.js';
import type { Observer } from './observed/observer.js';
import { AssetsController } from './pages/assets.controller.js';
import { Csrf } from './pages/csrf.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { validationPipe } from './problems/validation.js';
import { Consumers } from './runtime/consumers.js';
import { DestroyedKeys } from './runtime/destroyed-keys.js';
import { ErasedLetters } from './runtime/erased-letters.js';
import { Followers } from './runtime/followers.js';
import {
  CLOCK, CONFIG, CUSTOMER_STATUS, EVENT_STORE, type Foundation, INSTALLATION, INSTANCE, KEY_RING, LOGGER, LOOKUP, METRICS, SEALED_EVENTS, SECRETS, SERVICE_NAME, TOKEN_KEYS, TOPICS, TRACING, VIEWS,
} from './tokens.js';

const values = (entries: readonly (readonly [symbol, unknown])[]): Provider[] => entries.map(([provide, useValue]) => ({ provide, useValue }));

const foundation = ({ ports, ...given }: Foundation, { logger, metrics, tracing }: Observer): Provider[] =>
  values([
    [EVENT_STORE, given.events],
    [SEALED_EVENTS, ports.events],
    [VIEWS, ports.views],
    [TOPICS, ports.topics],
    [KEY_RING, ports.keys],
    [CLOCK, given.clock],
    [CONFIG, given.config],
    [SECRETS, given.secrets],
    [LOOKUP, given.lookup],
    [INSTALLATION, given.installation],
    [TOKEN_KEYS, given.tokenKeys],
    [CUSTOMER_STATUS, given.customerStatus],
    [SERVICE_NAME, given.name],
    [INSTANCE, given.instance],
    [LOGGER, logger],
    [METRICS, metrics],
    [TRACING, tracing],
  ]);

const shared = [Directory, Followers, Consumers, AccessTokens, AllowedMethods, Answers, RateLimits, RawRoutes, Csrf, Health];

/** The order matters: what is cheap to refuse comes first, and nobody's token is looked at before the limits are. */
const edge: Provider[] = [
  { provide: APP_GUARD, useClass: BodyGuard },
  { provide: APP_GUARD, useClass: RateGuard },
  { provide: APP_GUARD, useClass: AuthGuard },
  { provide: APP_PIPE, useFactory: validationPipe },
  { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  { provide: APP_FILTER, useClass: ProblemFilter },
];

/** What every service shares; global, so service modules import nothing for it. */
@Global()
@Module({})
export class KendtModule {
  static forRoot(given: Foundation, observer: Observer): DynamicModule {
    const tokens = foundation(given, observer);
    return {
      module: KendtModule,
      imports: [DiscoveryModule, MailModule],
      controllers: [AssetsController, ContractController, HealthController],
      providers: [...tokens, ...shared, ...edge, RouteCheck, DestroyedKeys, ErasedLetters, ObservedCommands],
      exports: [...tokens.map((token) => (token as { provide: symbol }).provide), ...shared],
    };
  }
}
