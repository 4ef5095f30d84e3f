import { describe, expect, it } from '@jest/globals';
import { confirmationMail, repeatedMail } from './registration-mails.texts.js';
import { choiceTexts, verifyTexts } from './verify.texts.js';

const sender = { brand: 'Lund & Lys <x>', link: 'https://id.example/verify?token=a&lang=da' };
const every = (['da', 'en'] as const).flatMap((language) => [
  ...(['registered', 'changed', 'asked'] as const).map((occasion) => ({ name: `${occasion} ${language}`, mail: confirmationMail(occasion, { ...sender, language }) })),
  ...(['verified', 'unverified'] as const).map((state) => ({ name: `repeated ${state} ${language}`, mail: repeatedMail(state, { ...sender, language }) })),
]);

describe('the mails', () => {
  it.each(every)('name the brand and carry the link in both versions: $name', ({ mail }) => {
    expect(mail.subject).toContain(sender.brand);
    expect(mail.text.split('\n')).toContain(sender.link);
    expect(mail.html.toString()).toContain(`href="https://id.example/verify?token=a&amp;lang=da"`);
    expect(mail.html.toString()).toContain('Lund &amp; Lys &lt;x&gt;');
  });

  it('are all different', () => expect(new Set(every.map(({ mail }) => mail.text)).size).toBe(every.length));
});

it('every page is written in both languages', () => expect(Object.keys(verifyTexts.da)).toEqual(Object.keys(verifyTexts.en)));

it('the page to choose a password is written in both languages', () => {
  expect(Object.keys(choiceTexts.da)).toEqual(Object.keys(choiceTexts.en));
  expect(Object.keys(choiceTexts.da.refused)).toEqual(Object.keys(choiceTexts.en.refused));
});
