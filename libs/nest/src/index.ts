export { type Config, ConfigError, type Environment, type MailRoute, readConfig } from './config/config.js';
export { configHelp, type SettingName, settingNames } from './config/settings.js';
export { requiredOf, settingsOfAll } from './config/service-config.js';
export { inForce, type TokenKeys, verifierOf } from './config/token-keys.js';
export { rotateTokenKeys, type TokenKeyRotation, tokensLiveFor } from './config/token-key-rotation.js';
export { secretFiles, type TokenKey } from './config/secret-kinds.js';
export { type Adapters, type Means, meansOf, tokenKeysFor } from './service/preparation.js';
export { refuseToStart, runService, serviceHelp, settleProcess } from './service/run-service.js';
export { type Service, secretsOf, settingsOf } from './service/service.js';
export { startService } from './service/start-service.js';
export { resolveReference } from './config/reference.js';
export { addKeyEncryptionKey, readKeyEncryptionKey, readKeyEncryptionKeys, removeKeyEncryptionKey, useKeyEncryptionKey } from './config/key-encryption-keys.js';
export { generateSecrets, readSecrets, type SecretName, type SecretOptions, type Secrets } from './config/secrets.js';
export { readSecretFile } from './config/secret-file.js';
export {
  CLOCK,
  CONFIG,
  CUSTOMER_STATUS,
  type CustomerStatus,
  EVENT_STORE,
  INSTALLATION,
  KEY_RING,
  LOGGER,
  LOOKUP,
  METRICS,
  type Ports,
  SEALED_EVENTS,
  SECRETS,
  SERVICE_NAME,
  TOKEN_KEYS,
  TOPICS,
  TRACING,
  VIEWS,
} from './tokens.js';
export { type MetricEntry, metricCatalogue, type MetricLabel, metricLabels, type MetricName } from './operators/metric-catalogue.js';
export { type SpanNotes, type SpanWish, Tracing } from './tracing/tracing.js';
export { KendtModule } from './kendt.module.js';
export { closeOnSignals } from './signals.js';
export { type Kendt, type KendtOptions, startKendt } from './start.js';
export { type Caller, CurrentCaller } from './auth/caller.js';
export { CustomerIdParam, OwnAccount, ownCustomerId, Public, Scopes } from './auth/scopes.js';
export { closedEvents, currentEvents } from './current-events.js';
export { activeInStream } from './auth/customer-status.js';
export { AsksOnly } from './http/asks-only.js';
export { commandContext } from './http/command-context.js';
export { After, positioned, type PositionTarget } from './http/positions.js';
export { RateLimited, type RateOptions } from './http/rate.guard.js';
export { RateLimits } from './http/rate-limits.js';
export { type RawHandler, RawRoutes } from './http/raw-routes.js';
export { currentTrace, type Trace, traceFrom, traceparent, withTrace } from './http/trace.js';
export { notFound, Problem, problemDetails, toProblem } from './problems/problem.js';
export { bodyInvalid } from './problems/validation.js';
export { EveryMinute } from './runtime/every-minute.js';
export { Consumers, type ConsumerState } from './runtime/consumers.js';
export { erasuresIn, KeysReturned, tombstonesOfEvent } from './runtime/returned-keys.js';
export { unlessAway } from './runtime/unless-away.js';
export { type FollowerOptions, Followers } from './runtime/followers.js';
export { Health, type HealthCheck, type HealthPart, type Readiness } from './operators/health.js';
export { Metrics } from './operators/metrics.js';
export { GrpcCall } from './grpc/grpc-call.js';
export { type GrpcContract } from './grpc/grpc.server.js';
export { ApiAcceptedResponse, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from './docs/described.js';
export { type ApiTitle, openApiDocument } from './docs/openapi.js';
export { createLogger } from './logs/logger.js';
export { stackFrames } from './logs/stack-frames.js';
export { type Content, html, Html } from './pages/html.js';
export { type Language, language, languages } from './pages/language.js';
export { type Accent, accents, inOtherLanguage, page, type PageOptions } from './pages/page.js';
export { Page, seeOther } from './pages/page.decorator.js';
export { Csrf } from './pages/csrf.js';
export { allowFormTargets } from './pages/content-security-policy.js';
export { type Applied, applyConfigFiles } from './catalogue/apply-config-files.js';
export { ConfigFilesError, readConfigFiles } from './catalogue/config-files.js';
export { Directory, type ListedBrand, type ListedClient, type ListedPurpose, type ListedSystem } from './catalogue/directory.js';
export { type Link, LinkTokens } from './link-tokens.js';
export { type Mail } from './mail/mail.js';
export { Mailer, type Sent } from './mail/mailer.js';
export { mailboxOpen } from './mail/mailbox.controller.js';
export { readMail, type ReadMail } from './mail/read-mail.js';
