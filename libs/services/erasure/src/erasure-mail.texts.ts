import { html, type Html, type Language } from '@kendt/nest';
import { daysToConfirm } from './deadlines.js';

export interface MailWords {
  readonly language: Language;
  readonly brands: readonly string[];
  readonly link: string;
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: Html;
}

const listed = (brands: readonly string[], language: Language): string => new Intl.ListFormat(language, { type: 'conjunction' }).format(brands);

/** The same paragraphs as plain text and as HTML; the link stands on its own line. */
const mail = (subject: string, before: readonly string[], link: string, label: string, after: readonly string[]): MailText => ({
  subject,
  text: [...before, link, ...after].join('\n\n'),
  html: html`${paragraphs(before)}<p><a href="${link}">${label}</a></p>${paragraphs(after)}`,
});

const paragraphs = (texts: readonly string[]): Html[] => texts.map((text) => html`<p>${text}</p>`);

export const confirmationMail = ({ language, brands, link }: MailWords): MailText =>
  language === 'da'
    ? mail(
        'Bekræft, at dine oplysninger skal slettes',
        [
          `Vi er blevet bedt om at slette dig som kunde hos ${listed(brands, language)}.`,
          'Er det dig, der har bedt om det, så bekræft her. Du ser først, hvad der sker, og derefter kan det ikke fortrydes.',
        ],
        link,
        'Se, hvad der sker, og bekræft',
        [`Linket virker i ${daysToConfirm} dage. Var det ikke dig, skal du ikke gøre noget: så sker der ikke noget.`],
      )
    : mail(
        'Confirm that your data shall be erased',
        [
          `We were asked to erase you as a customer of ${listed(brands, language)}.`,
          'If it was you who asked, confirm it here. You first see what will happen; after that it cannot be undone.',
        ],
        link,
        'See what will happen, and confirm',
        [`The link works for ${daysToConfirm} days. If it was not you, do nothing, and nothing will happen.`],
      );

export const lastMail = ({ language, brands, link }: MailWords): MailText =>
  language === 'da'
    ? mail(
        'Dine oplysninger bliver slettet',
        [`Du har bekræftet det, og vi er begyndt at slette dine oplysninger hos ${listed(brands, language)}. Her kan du følge med, og her ligger beviset, når alt er slettet:`],
        link,
        'Følg sletningen',
        ['Gem linket: det er det eneste, der fører dertil. Vi sletter også din e-mailadresse, så dette er den sidste mail fra os.'],
      )
    : mail(
        'Your data is being erased',
        [`You have confirmed it, and we have begun to erase your data at ${listed(brands, language)}. Follow it here; the certificate will be there once everything is erased:`],
        link,
        'Follow the erasure',
        ['Keep the link: nothing else leads there. We erase your e-mail address too, so this is the last mail from us.'],
      );
