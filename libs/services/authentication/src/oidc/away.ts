import { isAway } from '@kendt/eventsourcing';
import type { KoaContextWithOIDC } from 'oidc-provider';

type Context = Pick<KoaContextWithOIDC, 'status' | 'set'>;

const away = new WeakSet<object>();

/** The provider calls every failure its own. */
export const noteAway = (ctx: object, error: unknown): void => {
  if (isAway(error)) away.add(ctx);
};

/** What it needs is away and comes back: 503, as everywhere else, and when to ask again. A redirect to the client stays one. */
export const answerAway = async (ctx: Context, next: () => Promise<void>): Promise<void> => {
  await next();
  if (ctx.status !== 500 || !away.has(ctx)) return;
  ctx.status = 503;
  ctx.set('retry-after', '1');
};
