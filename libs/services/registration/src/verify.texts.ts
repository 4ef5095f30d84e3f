import type { Language } from '@kendt/nest';

/** What following the link led to. */
export type Outcome = 'verified' | 'expired' | 'replaced' | 'closed' | 'invalid';

interface Text {
  readonly title: string;
  readonly text: string;
  /** Absent where signing in would not help. */
  readonly signIn?: string;
}

export const verifyTexts: Readonly<Record<Language, Readonly<Record<Outcome, Text>>>> = {
  da: {
    verified: { title: 'Din e-mailadresse er bekræftet', text: 'Tak. Nu kan du logge ind.', signIn: 'Log ind' },
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
    invalid: { title: 'Vi kender ikke linket', text: 'Måske kom ikke hele adressen med. Åbn linket direkte fra mailen, eller kopiér det helt til enden.' },
  },
  en: {
    verified: { title: 'Your e-mail address is confirmed', text: 'Thank you. You can sign in now.', signIn: 'Sign in' },
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
    invalid: { title: 'We do not know this link', text: 'Perhaps part of the address is missing. Open the link straight from the mail, or copy it right to its end.' },
  },
};
