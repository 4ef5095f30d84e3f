import type { ErasureTask, OpenErasure } from '@kendt/domain';

export interface PageWords {
  readonly confirmTitle: string;
  readonly statusTitle: string;
  readonly whatHappens: string;
  readonly steps: readonly string[];
  readonly systemsTold: (names: readonly string[]) => string;
  readonly lawsKeep: string;
  readonly keptByLaw: (what: string, system: string, law: string) => string;
  readonly noWayBack: string;
  readonly confirm: string;
  readonly changedYourMind: string;
  readonly status: Readonly<Record<OpenErasure['status'], string>>;
  readonly requested: string;
  readonly confirmed: string;
  readonly due: string;
  readonly completed: string;
  readonly keysGone: (day: string) => string;
  readonly systems: string;
  readonly system: string;
  readonly answer: string;
  readonly when: string;
  readonly before: (day: string) => string;
  readonly overdue: string;
  readonly task: Readonly<Record<ErasureTask['status'], string>>;
  readonly kept: string;
  readonly keptUntil: (what: string, system: string, law: string, day: string) => string;
  readonly erasedSince: (what: string, system: string, day: string) => string;
  readonly certificate: string;
  readonly certificateHint: string;
}

const listed = (names: readonly string[], language: string): string => new Intl.ListFormat(language, { type: 'conjunction' }).format(names);

export const da: PageWords = {
  confirmTitle: 'Slet mine oplysninger',
  statusTitle: 'Din sletning',
  whatHappens: 'Når du bekræfter, sker der dette:',
  steps: [
    'Du bliver logget ud overalt, og du kan ikke længere logge ind.',
    'Dine kontaktoplysninger, din adgangskode og dine køb bliver slettet hos os, så ingen kan læse dem mere, heller ikke i sikkerhedskopier.',
    'Vi beholder beviset for, hvad du har sagt ja og nej til, og for denne sletning, uden dit navn og dine kontaktoplysninger (GDPR art. 17, stk. 3, litra e).',
  ],
  systemsTold: (names) => `Disse systemer får besked på at slette det, de har om dig: ${listed(names, 'da')}.`,
  lawsKeep: 'En lov kan kræve, at noget bliver gemt. Det sletter vi, når fristen er udløbet:',
  keptByLaw: (what, system, law) => `${system}: ${what} (${law})`,
  noWayBack: 'Det kan ikke fortrydes.',
  confirm: 'Ja, slet mine oplysninger',
  changedYourMind: 'Har du ombestemt dig, så luk siden: så sker der ikke noget.',
  status: {
    requested: 'Vi venter på, at du bekræfter. Brug linket i den mail, du har fået.',
    confirmed: 'Vi er i gang med at slette dine oplysninger.',
    completed: 'Dine oplysninger er slettet.',
    refused: 'Anmodningen blev ikke bekræftet i tide, og der er ikke sket noget. Du kan bede om det igen.',
  },
  requested: 'Modtaget',
  confirmed: 'Bekræftet',
  due: 'Senest færdig',
  completed: 'Færdig',
  keysGone: (day) => `Hos os blev dine kontaktoplysninger, din adgangskode og dine køb slettet den ${day}.`,
  systems: 'Systemer',
  system: 'System',
  answer: 'Svar',
  when: 'Hvornår',
  before: (day) => `senest ${day}`,
  overdue: 'Forsinket; vi har rykket for svar',
  task: { issued: 'På vej', published: 'Har fået besked', erased: 'Slettet', retained: 'Gemt, fordi en lov kræver det', unknown: 'Havde ingen oplysninger om dig', failed: 'Mislykkedes; vi prøver igen' },
  kept: 'Hvad der er gemt',
  keptUntil: (what, system, law, day) => `${what} i ${system} til og med ${day}, fordi ${law} kræver det`,
  erasedSince: (what, system, day) => `${what} i ${system}: slettet ${day}`,
  certificate: 'Hent beviset',
  certificateHint: 'Beviset er underskrevet, så andre kan se, at det er ægte og uændret.',
};

export const en: PageWords = {
  confirmTitle: 'Erase my data',
  statusTitle: 'Your erasure',
  whatHappens: 'When you confirm, this is what happens:',
  steps: [
    'You are signed out everywhere, and cannot sign in any more.',
    'Your contact details, your password and your purchases are erased here, so that nobody can read them again, not even in backups.',
    'We keep the evidence of what you said yes and no to, and of this erasure, without your name and contact details (GDPR art. 17(3)(e)).',
  ],
  systemsTold: (names) => `These systems are told to erase what they have about you: ${listed(names, 'en')}.`,
  lawsKeep: 'A law may demand that something is kept. That is erased when its time is over:',
  keptByLaw: (what, system, law) => `${system}: ${what} (${law})`,
  noWayBack: 'This cannot be undone.',
  confirm: 'Yes, erase my data',
  changedYourMind: 'If you have changed your mind, close this page, and nothing will happen.',
  status: {
    requested: 'We are waiting for you to confirm. Use the link in the mail that you got.',
    confirmed: 'We are erasing your data.',
    completed: 'Your data has been erased.',
    refused: 'The request was not confirmed in time, and nothing has happened. You can ask again.',
  },
  requested: 'Received',
  confirmed: 'Confirmed',
  due: 'Done at the latest',
  completed: 'Done',
  keysGone: (day) => `Here, your contact details, your password and your purchases were erased on ${day}.`,
  systems: 'Systems',
  system: 'System',
  answer: 'Answer',
  when: 'When',
  before: (day) => `by ${day}`,
  overdue: 'Late; we have sent a reminder',
  task: { issued: 'On its way', published: 'Has been told', erased: 'Erased', retained: 'Kept because a law demands it', unknown: 'Had no data about you', failed: 'Failed; it is tried again' },
  kept: 'What is kept',
  keptUntil: (what, system, law, day) => `${what} in ${system} until the end of ${day}, because ${law} demands it`,
  erasedSince: (what, system, day) => `${what} in ${system}: erased on ${day}`,
  certificate: 'Download the certificate',
  certificateHint: 'The certificate is signed, so that others can see that it is genuine and unchanged.',
};
