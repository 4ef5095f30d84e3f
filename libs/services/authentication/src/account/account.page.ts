import { html, type Html, inOtherLanguage, type Language, page } from '@kendt/nest';
import { type Texts, textsIn } from '../texts/texts.js';
import type { AccessRow, AccountView, HoldingRow, PurposeStanding, SignInRow } from './accounts.js';

type AccountTexts = Texts['account'];

/** One moment as people read it; the shops are Danish. */
export const moment = (at: string, lang: Language): string =>
  new Intl.DateTimeFormat(lang === 'da' ? 'da-DK' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Europe/Copenhagen' }).format(new Date(at));

export const dayOf = (day: string, lang: Language): string =>
  new Intl.DateTimeFormat(lang === 'da' ? 'da-DK' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day));

export interface AccountPage {
  readonly lang: Language;
  readonly csrf: Html;
  readonly signOutUrl: string;
  readonly providerName: (id: string) => string;
  readonly done?: string;
}

export const accountPage = (view: AccountView, { lang, csrf, signOutUrl, providerName, done }: AccountPage): string => {
  const texts = textsIn(lang).account;
  const body = html`${doneNotice(texts, done)}
<p>${view.contact?.name && `${texts.greeting(view.contact.name.given)}. `}${texts.intro}</p>
<p><a class="button secondary" href="${signOutUrl}">${texts.signOut}</a></p>
${details(view, texts, providerName)}
<h2>${texts.brands.title}</h2>
${view.brands.length === 0 ? html`<p>${texts.brands.none}</p>` : html`<ul class="list">${view.brands.map(({ name }) => html`<li>${name}</li>`)}</ul>`}
<h2 id="consents">${texts.consents.title}</h2>
${view.brands.map((brand) => consentsAt(brand, texts, lang, csrf))}
${signIns(view.signIns, texts, lang, providerName)}
<form method="post" action="/account/sign-out-everywhere?lang=${lang}">${csrf}<p class="hint">${texts.signIns.everywhereText}</p><button class="secondary">${texts.signIns.everywhere}</button></form>
${accesses(view.accesses, texts, lang)}
<h2>${texts.data.title}</h2>
<p><a href="/account/data?lang=${lang}">${texts.data.link}</a></p>
<h2>${texts.erase.title}</h2>
<p>${texts.erase.text}</p>
<p><a class="button danger" href="/account/erasure?lang=${lang}">${texts.erase.link}</a></p>`;
  return page({ title: texts.title, lang, body, switchTo: inOtherLanguage('/account', lang) });
};

const doneNotice = (texts: AccountTexts, done: string | undefined): Html | false => {
  if (done === 'outdated') return html`<p role="alert">${texts.done.outdated}</p>`;
  return (done === 'granted' || done === 'withdrawn') && html`<p role="status">${texts.done[done]}</p>`;
};

const details = ({ contact, emailVerified, identities }: AccountView, { details: texts }: AccountTexts, providerName: (id: string) => string): Html => html`<h2>${texts.title}</h2>
<dl>
<dt>${texts.name}</dt><dd>${contact?.name ? `${contact.name.given} ${contact.name.family}` : texts.none}</dd>
<dt>${texts.email}</dt><dd>${contact?.email ?? texts.none}${contact?.email && html` <span class="hint">(${emailVerified ? texts.confirmed : texts.unconfirmed})</span>`}</dd>
<dt>${texts.phone}</dt><dd>${contact?.phone ?? texts.none}</dd>
<dt>${texts.identities}</dt><dd>${[texts.password, ...identities.map(providerName)].join(', ')}</dd>
</dl>
<p class="hint">${texts.change}</p>`;

type BrandView = AccountView['brands'][number];

const consentsAt = (brand: BrandView, texts: AccountTexts, lang: Language, csrf: Html): Html => {
  const asked = brand.purposes.filter(({ basis }) => basis === 'consent');
  const others = brand.purposes.filter(({ basis }) => basis !== 'consent');
  return html`<h3>${texts.consents.at(brand.name)}</h3>
${asked.map((purpose) => consentCard(brand, purpose, texts, lang, csrf))}
${others.length > 0 && html`<p class="hint">${texts.consents.withoutConsent} ${others.map(({ title, basis }) => `${title} (${texts.consents.basis[basis]})`).join(', ')}.</p>`}`;
};

const consentCard = (brand: BrandView, purpose: PurposeStanding, { consents: texts }: AccountTexts, lang: Language, csrf: Html): Html => {
  const granted = purpose.state === 'granted';
  const button = granted
    ? html`<button class="secondary" name="answer" value="withdrawn" aria-label="${texts.withdrawFrom(purpose.title, brand.name)}">${texts.withdraw}</button>`
    : html`<button name="answer" value="granted" aria-label="${texts.agreeTo(purpose.title, brand.name)}">${texts.grant}</button>`;
  return html`<section class="card" id="${brand.id}-${purpose.purposeId}">
<h4>${purpose.title} <span class="state ${granted ? 'good' : ''}">${texts.state[purpose.state]}</span></h4>
<p>${purpose.notice}</p>
${purpose.renewed && html`<p class="hint">${texts.renewed}</p>`}
<form method="post" action="/account/consents?lang=${lang}">${csrf}
<input type="hidden" name="brandId" value="${brand.id}"><input type="hidden" name="purposeId" value="${purpose.purposeId}">
<input type="hidden" name="noticeVersion" value="${purpose.currentNotice}">${button}
</form></section>`;
};

const signIns = (rows: readonly SignInRow[], { signIns: texts }: AccountTexts, lang: Language, providerName: (id: string) => string): Html => html`<h2>${texts.title}</h2>
${rows.length === 0 ? html`<p>${texts.none}</p>` : table([texts.when, texts.where, texts.how], rows.map(({ at, where, method }) => [moment(at, lang), where ?? texts.here, methodText(method, texts, providerName)]), texts.title)}`;

const methodText = (method: string | undefined, texts: AccountTexts['signIns'], providerName: (id: string) => string): string => {
  if (method === undefined) return texts.failed;
  if (method === 'password' || method === 'sso') return texts.method[method];
  return texts.with(providerName(method.replace(/^external:/, '')));
};

const accesses = (rows: readonly AccessRow[], { accesses: texts }: AccountTexts, lang: Language): Html => html`<h2 id="accesses">${texts.title}</h2>
${rows.length === 0 ? html`<p>${texts.none}</p>` : table([texts.when, texts.who, texts.why], rows.map(({ at, who, staffId, reason }) => [moment(at, lang), staffId ? `${who}, ${texts.staff(staffId)}` : who, (texts.reason as Record<string, string>)[reason] ?? reason]), texts.title)}`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[], label: string): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;

export const dataPage = (rows: readonly HoldingRow[], lang: Language): string => {
  const { data: texts, consents } = textsIn(lang).account;
  const cells = rows.map(({ system, what, basis, law, until }) => [system, what, law ?? (consents.basis as Record<string, string>)[basis] ?? basis, until ? dayOf(until, lang) : texts.open]);
  const body = html`${rows.length === 0 ? html`<p>${texts.none}</p>` : html`<p>${texts.intro}</p>${table([texts.system, texts.what, texts.basis, texts.until], cells, texts.title)}`}
<p><a href="/account?lang=${lang}">${texts.back}</a></p>`;
  return page({ title: texts.title, lang, body, switchTo: inOtherLanguage('/account/data', lang) });
};

export const askErasurePage = (lang: Language, csrf: Html, nonce: string): string => {
  const { erase: texts } = textsIn(lang).account;
  const body = html`<p>${texts.ask}</p><p>${texts.proof}</p>
<form method="post" action="/account/erasure?lang=${lang}">${csrf}<input type="hidden" name="nonce" value="${nonce}">
<p class="actions"><button class="danger">${texts.confirm}</button> <a class="button secondary" href="/account?lang=${lang}">${texts.cancel}</a></p></form>`;
  return page({ title: texts.askTitle, lang, body, switchTo: inOtherLanguage('/account/erasure', lang) });
};

export const erasureAskedPage = (lang: Language, caseId: string): string => {
  const { erase: texts } = textsIn(lang).account;
  return page({ title: texts.sentTitle, lang, body: html`<p role="status">${texts.sent}</p><p><a href="/erasure/${caseId}?lang=${lang}">${texts.sentStatus}</a></p>` });
};

type Farewell = 'signedOut' | 'signedOutEverywhere' | 'closed' | 'noCookies';

export const farewellPage = (lang: Language, farewell: Farewell): string => {
  const texts = textsIn(lang).account;
  const title = { signedOut: texts.signedOutTitle, signedOutEverywhere: texts.signedOutTitle, closed: texts.closedTitle, noCookies: texts.noCookiesTitle }[farewell];
  return page({ title, lang, body: html`<p>${texts[farewell]}</p>${farewell !== 'closed' && html`<p><a class="button" href="/account?lang=${lang}">${texts.again}</a></p>`}` });
};
