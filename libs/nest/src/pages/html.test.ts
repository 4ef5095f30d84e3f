import { describe, expect, it } from '@jest/globals';
import { html } from './html.js';
import { language } from './language.js';
import { inOtherLanguage, page } from './page.js';

describe('html', () => {
  it('escapes what is put in, in text and in attributes', () => {
    expect(String(html`<p title="${`"x' onload=1`}">${'<script>&`'}</p>`)).toBe('<p title="&quot;x&#39; onload=1">&lt;script&gt;&amp;&#96;</p>');
  });

  it('takes markup of its own as it is, nested and in lists', () => {
    const items = ['a<', 'b'].map((text) => html`<li>${text}</li>`);
    expect(String(html`<ul>${items}${['<i>', 1]}</ul>`)).toBe('<ul><li>a&lt;</li><li>b</li>&lt;i&gt;1</ul>');
  });

  it('is not fooled by what looks like markup', () => {
    const fake = { toString: () => '<b>', markup: '<b>' } as unknown as string;
    expect(String(html`${fake}`)).toBe('&lt;b&gt;');
  });

  it('leaves out what is not there', () => {
    expect(String(html`${null}${undefined}${false}${true}${0}`)).toBe('0');
  });
});

describe('page', () => {
  it('escapes its title, names its language, and carries no script or style of its own', () => {
    const text = page({ title: '<Hej>', lang: 'da', body: '<b>', brand: { name: 'Lund & Lys', accent: 'lund' }, switchTo: '/login?lang=en' });
    expect(text).toContain('<title>&lt;Hej&gt; · Lund &amp; Lys</title>');
    expect(text).toContain('<html lang="da">');
    expect(text).toContain('<body class="accent-lund">');
    expect(text).toContain('href="/login?lang=en" hreflang="en" lang="en">English</a>');
    expect(text).not.toMatch(/<script|style=|<style/);
  });

  it('does not take a class from outside', () => {
    expect(page({ title: 'a', lang: 'en', body: '', brand: { name: 'b', accent: 'x" onload="1' as 'lund' } })).toContain('<body class="accent-kendt">');
  });
});

describe('language', () => {
  const of = (query: object, accept?: string): string => language({ query, headers: accept ? { 'accept-language': accept } : {} });

  it.each([
    [{}, undefined, 'en'],
    [{}, 'da-DK,da;q=0.9,en;q=0.8', 'da'],
    [{}, 'sv,en;q=0.5,da;q=0.4', 'en'],
    [{}, 'sv', 'en'],
    [{ lang: 'en' }, 'da', 'en'],
    [{ ui_locales: 'fr da-DK' }, 'en', 'da'],
    [{ lang: ['da'], ui_locales: ['x'] }, 'en', 'en'],
    [{ lang: '<script>' }, 'da', 'da'],
  ])('%j with %s is %s', (query, accept, expected) => {
    expect(of(query, accept)).toBe(expected);
  });

  it('switches in place', () => {
    expect(inOtherLanguage('/verify?token=a%2Bb&lang=da', 'da')).toBe('/verify?token=a%2Bb&lang=en');
    expect(inOtherLanguage('//evil.example/x', 'en')).toBe('/x?lang=da');
  });
});
