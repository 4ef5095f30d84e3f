import { type Content, html, type Html } from './html.js';
import type { Language } from './language.js';

/** One of the colours in the style sheet: a brand chooses, it never brings CSS of its own. */
export const accents = ['fjord', 'lund', 'kendt'] as const;
export type Accent = (typeof accents)[number];

export interface PageOptions {
  readonly title: string;
  readonly lang: Language;
  readonly body: Content;
  /** Who the page speaks for; Kendt itself unless told. */
  readonly brand?: { readonly name: string; readonly accent?: Accent };
  /** The same page in the other language; left out where a page cannot be asked for again (after a POST). */
  readonly switchTo?: string;
}

const words = {
  da: { other: 'English', otherLang: 'en', skip: 'Gå til indholdet', language: 'Sprog' },
  en: { other: 'Dansk', otherLang: 'da', skip: 'Skip to content', language: 'Language' },
} as const;

/** A whole page. No script, no inline style: the strict content security policy forbids both. */
export const page = ({ title, lang, body, brand, switchTo }: PageOptions): string => {
  const name = brand?.name ?? 'Kendt';
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} · ${name}</title>
<link rel="stylesheet" href="/assets/kendt.css">
<link rel="icon" href="data:,">
</head>
<body class="accent-${accents.find((accent) => accent === brand?.accent) ?? 'kendt'}">
<a class="skip" href="#content">${words[lang].skip}</a>
<header class="top"><p class="brand">${name}</p>${switchLink(lang, switchTo)}</header>
<main id="content" tabindex="-1"><h1>${title}</h1>
${body}
</main>
</body>
</html>
`.toString();
};

const switchLink = (lang: Language, to: string | undefined): Html =>
  to === undefined
    ? html``
    : html`<nav aria-label="${words[lang].language}"><a class="language" href="${to}" hreflang="${words[lang].otherLang}" lang="${words[lang].otherLang}">${words[lang].other}</a></nav>`;

/** The address of a page in the other language: `/login?lang=da` gives `/login?lang=en`. */
export const inOtherLanguage = (url: string, lang: Language): string => {
  const address = new URL(url, 'http://kendt.invalid');
  address.searchParams.set('lang', words[lang].otherLang);
  return `${address.pathname}${address.search}`;
};
