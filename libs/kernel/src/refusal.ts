/** Why a refusal is a refusal; the edge maps it to an HTTP or gRPC status, the domain knows neither. */
export type RefusalKind = 'invalid' | 'forbidden' | 'not-found' | 'conflict' | 'gone' | 'busy';

/**
 * A rule that says no. `code` is stable and part of the public contract (`CONSENT_NOTICE_OUTDATED`); `message` is for
 * people and never holds personal data.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: string,
    message: string,
    readonly kind: RefusalKind = 'conflict',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
