import { html, type Html, inOtherLanguage, language, type Language, page } from '@kendt/nest';
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { textsIn } from '../texts/texts.js';

type Next = () => Promise<void>;

const languageOf = (ctx: KoaContextWithOIDC): Language => {
  const params = (ctx.oidc as KoaContextWithOIDC['oidc'] | undefined)?.params;
  return language({ headers: ctx.req.headers, query: { lang: ctx.query['lang'], ui_locales: params?.['ui_locales'] ?? ctx.query['ui_locales'] } });
};

const policyFor = (targets: readonly string[]): string =>
  `default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'${targets.map((target) => ` ${target}`).join('')}; frame-ancestors 'none'; base-uri 'none'`;

const show = (ctx: KoaContextWithOIDC, title: string, body: Html, targets: readonly string[] = []): void => {
  const lang = languageOf(ctx);
  ctx.type = 'html';
  ctx.set('content-security-policy', policyFor(targets));
  ctx.set('cache-control', 'no-store');
  ctx.set('referrer-policy', 'no-referrer');
  ctx.set('x-content-type-options', 'nosniff');
  ctx.set('x-frame-options', 'DENY');
  ctx.body = page({ title, lang, body, ...(ctx.method === 'GET' && { switchTo: inOtherLanguage(ctx.url, lang) }) });
};

export const errorPage = async (ctx: KoaContextWithOIDC, out: ErrorOut): Promise<void> => {
  const texts = textsIn(languageOf(ctx)).oidc;
  const advice = out.error === 'server_error' ? texts.errorOurs : texts.errorTheirs;
  show(ctx, texts.errorTitle, html`<p>${advice}</p><p class="hint"><code>${out.error}</code>${out.error_description && html` · ${out.error_description}`}</p>`);
};

/** Signing out ends the session at every shop, so it is asked for (RP-initiated logout 1.0, 6). */
export const logoutPage = async (ctx: KoaContextWithOIDC): Promise<void> => {
  const texts = textsIn(languageOf(ctx)).oidc;
  const { secret } = ctx.oidc.session?.state as { secret: string };
  const after = ctx.oidc.params?.['post_logout_redirect_uri'];
  const body = html`<p>${texts.logoutText}</p>
<form class="narrow" method="post" action="${new URL(ctx.oidc.urlFor('end_session_confirm')).pathname}">
<input type="hidden" name="xsrf" value="${secret}">
<p class="actions"><button name="logout" value="yes">${texts.logoutYes}</button> <button class="secondary">${texts.logoutNo}</button></p>
</form>`;
  show(ctx, texts.logoutTitle, body, typeof after === 'string' ? [new URL(after).origin] : []);
};

export const signedOutPage = async (ctx: KoaContextWithOIDC): Promise<void> => {
  const texts = textsIn(languageOf(ctx)).oidc;
  show(ctx, texts.signedOutTitle, html`<p>${texts.signedOutText}</p>`);
};

const scripted = /<form method="post" action="([^"]*)">\s*((?:<input type="hidden" name="[^"]*" value="[^"]*"\/>\s*)*)<noscript>/;
const hidden = /<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g;

/**
 * oidc-provider hands values on with a form that a script sends (response_modes/form_post.js). No page of ours has a
 * script: the same form with a button takes its place, and nothing but its own target is allowed.
 */
export const pagesWithoutScript = async (ctx: KoaContextWithOIDC, next: Next): Promise<void> => {
  await next();
  if (typeof ctx.body !== 'string' || ctx.response.type !== 'text/html') return;
  const [, action, inputs = ''] = scripted.exec(ctx.body) ?? [];
  if (action === undefined) return;
  const texts = textsIn(languageOf(ctx)).oidc;
  const target = new URL(unescaped(action));
  const fields = [...inputs.matchAll(hidden)].map(([, name, value]) => html`<input type="hidden" name="${name}" value="${unescaped(value ?? '')}">`);
  const { status } = ctx;
  show(ctx, texts.continueTitle, html`<form method="post" action="${target.href}">${fields}<button>${texts.continue}</button></form>`, [target.origin]);
  ctx.status = status;
};

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const unescaped = (text: string): string => text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
