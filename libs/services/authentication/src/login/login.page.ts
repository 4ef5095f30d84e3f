import { html, type Html, inOtherLanguage, page } from '@kendt/nest';
import { textsIn } from '../texts/texts.js';
import type { LoginRequest } from './interactions.js';

export interface ProviderButton {
  readonly id: string;
  readonly name: string;
}

interface LoginPage {
  readonly csrf: Html;
  readonly providers: readonly ProviderButton[];
  readonly email?: string;
  /** One sentence above the form. */
  readonly alert?: string;
}

const address = ({ uid, lang }: LoginRequest, more = ''): string => `/login/${uid}${more}?lang=${lang}`;

export const loginPage = (login: LoginRequest, { csrf, providers, email, alert }: LoginPage): string => {
  const texts = textsIn(login.lang).login;
  const body = html`<p class="hint">${texts.at(login.look.name)}</p>
${alert && html`<p role="alert">${alert}</p>`}
<form class="narrow" method="post" action="${address(login)}">${csrf}
<label for="email">${texts.email}</label>
<input id="email" name="email" type="email" autocomplete="username" inputmode="email" required maxlength="254" value="${email ?? login.loginHint ?? ''}">
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256">
<button>${texts.submit}</button>
</form>
${providers.length > 0 && html`<p class="hint">${texts.or}</p><p class="actions">${providers.map(
    ({ id, name }) => html`<a class="button secondary" href="${address(login, `/with/${id}`)}">${texts.with(name)}</a> `,
  )}</p>`}
<p class="hint">${texts.shared}</p>`;
  return framed(login, texts.title, body, true);
};

export const unverifiedPage = (login: LoginRequest): string => {
  const texts = textsIn(login.lang).login;
  const body = html`<p>${texts.unverifiedText}</p><p role="status">${texts.unverifiedSent}</p><p><a class="button" href="${address(login)}">${texts.unverifiedBack}</a></p>`;
  return framed(login, texts.unverifiedTitle, body);
};

/** The identity at the provider is proven; that the account is theirs is not, until its password is given once. */
export const linkPage = (login: LoginRequest, provider: ProviderButton, csrf: Html, alert?: string): string => {
  const texts = textsIn(login.lang).login;
  const body = html`<p>${texts.linkText(provider.name)}</p>
${alert && html`<p role="alert">${alert}</p>`}
<form class="narrow" method="post" action="${address(login, '/link')}">${csrf}
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256">
<button>${texts.linkSubmit}</button>
</form>`;
  return framed(login, texts.linkTitle(provider.name), body);
};

export const noEmailPage = (login: LoginRequest, provider: ProviderButton): string => {
  const texts = textsIn(login.lang).login;
  const body = html`<p>${texts.noEmailText(provider.name)}</p><p><a class="button" href="${address(login)}">${texts.unverifiedBack}</a></p>`;
  return framed(login, texts.noEmailTitle(provider.name), body);
};

const framed = (login: LoginRequest, title: string, body: Html, switchable = false): string =>
  page({
    title,
    lang: login.lang,
    body,
    ...(login.look.brand && { brand: login.look.brand }),
    ...(switchable && { switchTo: inOtherLanguage(address(login), login.lang) }),
  });
