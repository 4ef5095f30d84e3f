import { html, type Html, type Language } from '@kendt/nest';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: Html;
}

/** Why a confirmation is asked for. */
export type Occasion = 'registered' | 'changed' | 'asked';

interface Words {
  readonly subject: string;
  readonly before: readonly string[];
  readonly label: string;
  readonly after: readonly string[];
  readonly greeting: string;
}

type Texts<Topic> = (topic: Topic, brand: string) => Words;

/*
 * No mail of these names the person: the address is not proven yet, and a name that a stranger chose would let them write to
 * anybody in our name.
 */
const confirmation: Record<Language, Texts<Occasion>> = {
  da: (occasion, brand) => ({
    subject: `Bekræft din e-mailadresse hos ${brand}`,
    before: [
      'Hej',
      {
        registered: `Tak, fordi du har oprettet dig hos ${brand}.`,
        changed: `Du har valgt at bruge denne e-mailadresse hos ${brand} fra nu af.`,
        asked: `Her er linket igen, så du kan bekræfte din e-mailadresse hos ${brand}.`,
      }[occasion],
      'Bekræft, at adressen er din, ved at følge linket. Det virker i 24 timer:',
    ],
    label: 'Bekræft min e-mailadresse',
    after: ['Var det ikke dig, skal du ikke gøre noget. Så længe adressen ikke er bekræftet, kan ingen logge ind med den.'],
    greeting: 'Venlig hilsen',
  }),
  en: (occasion, brand) => ({
    subject: `Confirm your e-mail address with ${brand}`,
    before: [
      'Hello,',
      {
        registered: `Thank you for registering with ${brand}.`,
        changed: `You have chosen to use this e-mail address with ${brand} from now on.`,
        asked: `Here is the link again, so that you can confirm your e-mail address with ${brand}.`,
      }[occasion],
      'Please confirm that the address is yours by following the link. It works for 24 hours:',
    ],
    label: 'Confirm my e-mail address',
    after: ['If this was not you, there is nothing to do. As long as the address is not confirmed, nobody can sign in with it.'],
    greeting: 'Kind regards',
  }),
};

const repeated: Record<Language, Texts<'verified' | 'unverified'>> = {
  da: (state, brand) => ({
    subject: `Du har allerede et login, du kan bruge hos ${brand}`,
    before: [
      'Hej',
      `Nogen har netop prøvet at oprette sig hos ${brand} med din e-mailadresse. Adressen har allerede et login, så der er ikke oprettet noget nyt.`,
      state === 'verified'
        ? 'Var det dig, så log ind med den adgangskode, du valgte dengang:'
        : 'Adressen er dog ikke bekræftet endnu. Var det dig, så følg linket, vælg en ny adgangskode, og bekræft adressen. Kun den nye adgangskode kommer til at virke. Linket virker i 24 timer:',
    ],
    label: state === 'verified' ? 'Log ind' : 'Bekræft min e-mailadresse',
    after: ['Var det ikke dig, skal du ikke gøre noget. Ingen har fået adgang til dine oplysninger, og den, der prøvede, har ikke fået at vide, at du har et login.'],
    greeting: 'Venlig hilsen',
  }),
  en: (state, brand) => ({
    subject: `You already have a login that works with ${brand}`,
    before: [
      'Hello,',
      `Somebody has just tried to register with ${brand} using your e-mail address. The address already has a login, so nothing new was made.`,
      state === 'verified'
        ? 'If it was you, sign in with the password that you chose back then:'
        : 'It has not been confirmed yet, though. If it was you, follow the link, choose a new password and confirm the address. Only the new password will work. The link works for 24 hours:',
    ],
    label: state === 'verified' ? 'Sign in' : 'Confirm my e-mail address',
    after: ['If it was not you, there is nothing to do. Nobody has got at your data, and whoever tried was not told that you have a login.'],
    greeting: 'Kind regards',
  }),
};

interface Sender {
  readonly language: Language;
  readonly brand: string;
  readonly link: string;
}

export const confirmationMail = (occasion: Occasion, { language, brand, link }: Sender): MailText => mail(confirmation[language](occasion, brand), brand, link);

/** Somebody tried to register with an address that has a login. The link signs in, or confirms where that is still to be done. */
export const repeatedMail = (state: 'verified' | 'unverified', { language, brand, link }: Sender): MailText => mail(repeated[language](state, brand), brand, link);

/** The same paragraphs as plain text and as HTML; the link stands on a line of its own. */
const mail = ({ subject, before, label, after, greeting }: Words, brand: string, link: string): MailText => ({
  subject,
  text: [...before, link, ...after, `${greeting}\n${brand}`].join('\n\n'),
  html: html`${paragraphs(before)}<p><a href="${link}">${label}</a></p>${paragraphs(after)}<p>${greeting}<br>${brand}</p>`,
});

const paragraphs = (texts: readonly string[]): Html[] => texts.map((text) => html`<p>${text}</p>`);
