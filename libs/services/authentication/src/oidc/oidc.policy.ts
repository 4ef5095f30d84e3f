import { interactionPolicy, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { apiAudience } from '@kendt/contracts';
import type { Directory } from '@kendt/nest';
import type { SignIns } from '../customers/sign-ins.js';
import { accountClientId, loginScopesOf } from './oidc.clients.js';

const { Check, Prompt, base } = interactionPolicy;

/** Requests whose grant was made just now: the first time that this session meets this client. */
const firstMeetings = new WeakSet<object>();

/** First-party clients: what the client may have is granted without asking. */
export const grantFor = (directory: Directory) =>
  async (ctx: KoaContextWithOIDC) => {
    const { client, session, account, provider } = ctx.oidc;
    if (!client || !session || !account) return undefined;
    const known = session.grantIdFor(client.clientId);
    const scope = client.clientId === accountClientId ? 'openid' : scopeOf(directory, client.clientId);
    const found = known ? await provider.Grant.find(known) : undefined;
    const mine = found?.accountId === account.accountId ? found : undefined;
    if (mine?.getOIDCScope() === scope) return mine;
    if (!mine) firstMeetings.add(ctx);
    return savedGrant(provider, account.accountId, client.clientId, scope);
  };

const scopeOf = (directory: Directory, clientId: string): string => {
  const client = directory.client(clientId);
  return client ? loginScopesOf(client).join(' ') : '';
};

const savedGrant = async (provider: Provider, accountId: string, clientId: string, scope: string) => {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  grant.addResourceScope(apiAudience, scope);
  await grant.save();
  return grant;
};

/**
 * The library's prompts, and two of our own: a session whose customer may not sign in any more asks for a login, and a
 * sign-in is written down once nothing else is left to ask (the prompts are checked in order).
 */
export const policy = (signIns: SignIns) => {
  const prompts = base();
  prompts.get('login')?.checks.add(
    new Check('account_unusable', 'the session belongs to nobody who may sign in', 'login_required', (ctx) => Boolean(ctx.oidc.session?.accountId) && !ctx.oidc.account),
  );
  prompts.add(new Prompt({ name: 'sign-in' }, new Check('noted', 'the sign-in could not be noted', 'temporarily_unavailable', (ctx) => noteSignIn(signIns, ctx))));
  return prompts;
};

const noteSignIn = async (signIns: SignIns, ctx: KoaContextWithOIDC): Promise<boolean> => {
  const { client, session, account, result, entities } = ctx.oidc;
  const grantId = client && session?.grantIdFor(client.clientId);
  if (!client || !account || !grantId || !(result?.login || firstMeetings.has(ctx))) return Check.NO_NEED_TO_PROMPT;
  const method = typeof result?.['method'] === 'string' ? result['method'] : 'sso';
  const key = entities.Interaction?.uid ?? grantId;
  await signIns.succeeded({ customerId: account.accountId, clientId: client.clientId, method, key });
  return Check.NO_NEED_TO_PROMPT;
};
