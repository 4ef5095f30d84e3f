import type { SeenPage } from '@kendt/testing';

type SeenForm = SeenPage['forms'][number];

/** The form with a field of this name, or a button that says this. */
export const chosenBy = ({ forms, text }: SeenPage, what: string): SeenForm => {
  const form = forms.find(({ names, buttons }) => names.includes(what) || buttons.some((button) => button.text === what));
  if (!form) throw new Error(`There is no form with ${what} on the page: ${text.slice(0, 200)}`);
  return form;
};
