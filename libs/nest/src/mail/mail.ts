import type { SendMailOptions } from 'nodemailer';
import type { Html } from '../pages/html.js';
import type { Language } from '../pages/language.js';

/** One mail to one person. Sending it again with the same `eventId` is the same mail. */
export interface Mail {
  readonly customerId: string;
  /** Of the event that led to it. */
  readonly eventId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Made with `html`, so that nothing that somebody typed becomes markup. */
  readonly html: Html;
  readonly language: Language;
}

const idShape = /^[A-Za-z0-9-]{1,64}$/;

/** Ids become file names and a header: nothing else may. */
export const checkIds = ({ customerId, eventId }: Pick<Mail, 'customerId' | 'eventId'>): void => {
  if (!idShape.test(customerId) || !idShape.test(eventId)) throw new Error('A mail is named after a customer id and an event id');
};

const domainOf = (from: string): string => /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'kendt.invalid';

/** The same event gives the same Message-ID, so that a mail that is sent again is recognised as the same one (RFC 5322, 3.6.4). */
export const messageId = (eventId: string, from: string): string => `<${eventId}@${domainOf(from)}>`;

export const compose = (mail: Mail, from: string, date: Date): SendMailOptions => ({
  from,
  to: { name: '', address: mail.to }, // as an object: a comma in it must not make two recipients
  subject: mail.subject,
  text: mail.text,
  html: htmlDocument(mail),
  messageId: messageId(mail.eventId, from),
  date,
  textEncoding: 'quoted-printable',
  disableFileAccess: true,
  disableUrlAccess: true,
  headers: {
    'Content-Language': mail.language,
    'Auto-Submitted': 'auto-generated', // RFC 3834: no out-of-office answers
  },
});

const htmlDocument = ({ language, html }: Mail): string =>
  `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8"></head><body>\n${html.toString()}\n</body></html>\n`;
