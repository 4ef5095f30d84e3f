import { Refusal } from '@kendt/kernel';
import { type Adapter, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import type { Logger } from 'pino';

type Next = () => Promise<void>;

/** A store is away, busy or full: `temporarily_unavailable` (RFC 6749, 4.1.2.1) where there is somewhere to send it, and otherwise 503. */
export class StoreUnavailable extends errors.OIDCProviderError {
  override readonly name = 'StoreUnavailable';

  constructor(readonly code: string, cause: unknown) {
    super(503, 'temporarily_unavailable');
    Object.assign(this, { expose: true, error_description: 'try again in a moment', cause });
  }
}

/** What the provider is to make of the failure of a store. */
export const orUnavailable = async <T>(asking: Promise<T>): Promise<T> => {
  try {
    return await asking;
  } catch (error) {
    throw unavailable(error) ?? error;
  }
};

const unavailable = (error: unknown): StoreUnavailable | undefined => {
  if (error instanceof StoreUnavailable) return error;
  return error instanceof Refusal && error.kind === 'busy' ? new StoreUnavailable(error.code, error) : undefined;
};

/** What our own pages are to make of it: the refusal that it was, so 503, and when to come again. */
export const asRefusal = (error: unknown): unknown => (error instanceof StoreUnavailable ? error.cause : error);

export const adapterOrUnavailable = (adapter: Adapter): Adapter => ({
  upsert: (...args) => orUnavailable(Promise.resolve(adapter.upsert(...args))),
  find: (id) => orUnavailable(Promise.resolve(adapter.find(id))),
  findByUid: (uid) => orUnavailable(Promise.resolve(adapter.findByUid(uid))),
  findByUserCode: (code) => orUnavailable(Promise.resolve(adapter.findByUserCode(code))),
  consume: (id) => orUnavailable(Promise.resolve(adapter.consume(id))),
  destroy: (id) => orUnavailable(Promise.resolve(adapter.destroy(id))),
  revokeByGrantId: (id) => orUnavailable(Promise.resolve(adapter.revokeByGrantId(id))),
});

/** Those that the provider tells of with an error that it has answered (docs/events.md of oidc-provider). */
const answered = ['authorization.error', 'grant.error', 'introspection.error', 'userinfo.error', 'revocation.error', 'end_session.error'] as const;

/** One line for each, and when to come again. What no handler of the provider catches is answered here. */
export const answerUnavailable = (provider: Provider, logger: Logger): void => {
  const note = (ctx: KoaContextWithOIDC, { code }: StoreUnavailable): void => {
    ctx.set('retry-after', '1');
    const oidc = ctx.oidc as KoaContextWithOIDC['oidc'] | undefined;
    logger.warn({ code, endpoint: oidc?.route }, 'The OpenID provider had no answer: a store is away or busy');
  };
  for (const event of answered)
    (provider as NodeJS.EventEmitter).on(event, (ctx: KoaContextWithOIDC, error: unknown) => {
      if (error instanceof StoreUnavailable) note(ctx, error);
    });
  provider.use((async (ctx: KoaContextWithOIDC, next: Next) => {
    try {
      await next();
    } catch (error) {
      const known = unavailable(error);
      if (!known) throw error;
      note(ctx, known);
      ctx.status = known.statusCode;
      ctx.set('cache-control', 'no-store');
      ctx.body = { error: known.error, error_description: known.error_description };
    }
  }) as never);
};
