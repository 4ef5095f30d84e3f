import type { Language } from '@kendt/nest';
import type { RefusedPassword } from './choose-password.handler.js';

/** What following the link led to. */
export type Outcome = 'verified' | 'chosen' | 'already' | 'expired' | 'replaced' | 'closed' | 'suspended' | 'invalid';

interface Text {
  readonly title: string;
  readonly text: string;
  /** Absent where signing in would not help. */
  readonly signIn?: string;
}

export const verifyTexts: Readonly<Record<Language, Readonly<Record<Outcome, Text>>>> = {
  da: {
    verified: { title: 'Din e-mailadresse er bekræftet', text: 'Tak. Nu kan du logge ind.', signIn: 'Log ind' },
    chosen: { title: 'Din e-mailadresse er bekræftet', text: 'Tak. Nu kan du logge ind med den adgangskode, du lige har valgt.', signIn: 'Log ind' },
    already: {
      title: 'Adressen er allerede bekræftet',
      text: 'Der er ikke ændret noget nu. Log ind med den adgangskode, der blev valgt, da adressen blev bekræftet.',
      signIn: 'Log ind',
    },
    expired: {
      title: 'Linket er udløbet',
      text: 'Et link virker i 24 timer. Opret dig igen med samme e-mailadresse, så sender vi dig et nyt. Har du allerede bekræftet adressen, kan du bare logge ind.',
      signIn: 'Log ind',
    },
    replaced: {
      title: 'Linket gælder en tidligere adresse',
      text: 'E-mailadressen er blevet skiftet, efter at linket blev sendt. Brug linket i den nyeste mail.',
      signIn: 'Log ind',
    },
    closed: { title: 'Her er ikke mere at bekræfte', text: 'Du har bedt om at blive slettet, og det er vi i gang med.' },
    suspended: { title: 'Kontoen er sat i bero', text: 'Lige nu kan der ikke bekræftes noget, og der er ikke ændret noget. Kontakt butikken, så fortæller den hvorfor.' },
    invalid: { title: 'Vi kender ikke linket', text: 'Måske kom ikke hele adressen med. Åbn linket direkte fra mailen, eller kopiér det helt til enden.' },
  },
  en: {
    verified: { title: 'Your e-mail address is confirmed', text: 'Thank you. You can sign in now.', signIn: 'Sign in' },
    chosen: { title: 'Your e-mail address is confirmed', text: 'Thank you. You can sign in now, with the password that you have just chosen.', signIn: 'Sign in' },
    already: {
      title: 'The address is confirmed already',
      text: 'Nothing was changed just now. Sign in with the password that was chosen when the address was confirmed.',
      signIn: 'Sign in',
    },
    expired: {
      title: 'The link has expired',
      text: 'A link works for 24 hours. Register again with the same e-mail address, and we send you a new one. If you have confirmed the address already, just sign in.',
      signIn: 'Sign in',
    },
    replaced: {
      title: 'The link is for an earlier address',
      text: 'The e-mail address was changed after the link was sent. Use the link in the latest mail.',
      signIn: 'Sign in',
    },
    closed: { title: 'There is nothing left to confirm', text: 'You have asked to be erased, and we are at it.' },
    suspended: { title: 'This account is suspended', text: 'Nothing can be confirmed right now, and nothing was changed. Please get in touch with the shop, which can tell you why.' },
    invalid: { title: 'We do not know this link', text: 'Perhaps part of the address is missing. Open the link straight from the mail, or copy it right to its end.' },
  },
};

interface ChoiceText {
  readonly title: string;
  readonly text: string;
  readonly consequence: string;
  readonly password: string;
  readonly hint: string;
  readonly submit: string;
  readonly refused: Readonly<Record<RefusedPassword, string>>;
}

/** Only whoever has the mailbox reads this, and it must not alarm the many who have simply registered twice. */
export const choiceTexts: Readonly<Record<Language, ChoiceText>> = {
  da: {
    title: 'Vælg en adgangskode',
    text: 'Din e-mailadresse blev brugt, før den var bekræftet, så vi kan ikke vide, om det hele var dig. Vælg derfor en ny adgangskode. Så er det kun dig, der kan logge ind.',
    consequence: 'Den gamle adgangskode holder op med at virke, og login med for eksempel Facebook bliver koblet fra.',
    password: 'Ny adgangskode',
    hint: 'Mindst 10 tegn. En kort sætning er let at huske og svær at gætte.',
    submit: 'Gem og bekræft min e-mailadresse',
    refused: {
      length: 'Adgangskoden skal være på mellem 10 og 256 tegn.',
      common: 'Den adgangskode er for let at gætte. Vælg en, der ikke er blandt de mest brugte, og som ikke indeholder din e-mailadresse.',
    },
  },
  en: {
    title: 'Choose a password',
    text: 'Your e-mail address was used before it was confirmed, so we cannot know whether all of that was you. Please choose a new password. Then nobody but you can sign in.',
    consequence: 'The old password stops working, and signing in with Facebook or the like is disconnected.',
    password: 'New password',
    hint: 'At least 10 characters. A short sentence is easy to remember and hard to guess.',
    submit: 'Save and confirm my e-mail address',
    refused: {
      length: 'The password must have between 10 and 256 characters.',
      common: 'That password is too easy to guess. Choose one that is not among the most used, and that does not contain your e-mail address.',
    },
  },
};
