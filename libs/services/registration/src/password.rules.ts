import { normaliseEmail } from '@kendt/domain';
import { Problem } from '@kendt/nest';
import { commonPasswords } from './common-passwords.js';

/** Below this a local part is part of many words: nobody called `bo` should have to avoid every word with it. */
const shortestLocalPart = 4;

/**
 * NIST SP 800-63B, 5.1.1.2: not among the ones that everybody tries first, and not made of what is known of the person. No
 * other rule: length is what counts.
 * @throws Problem PASSWORD_TOO_COMMON
 */
export const checkPassword = (password: string, email: string): void => {
  const lower = password.toLowerCase();
  if (commonPasswords.has(lower) || fewCharacters(lower)) throw tooCommon('is one of those that are tried first');
  if (containsLocalPart(lower, email)) throw tooCommon('must not contain the e-mail address');
};

const fewCharacters = (password: string): boolean => new Set(password).size < 4;

/** With and without what stands between the words: `idaholm1990` is as easy a guess as `ida.holm1990`. */
const containsLocalPart = (password: string, email: string): boolean => {
  const local = normaliseEmail(email).split('@')[0]?.split('+')[0] ?? '';
  return local.length >= shortestLocalPart && (password.includes(local) || bare(password).includes(bare(local)));
};

const bare = (text: string): string => text.replaceAll(/[._-]/g, '');

const tooCommon = (detail: string): Problem =>
  new Problem(422, 'PASSWORD_TOO_COMMON', 'The password is too easy to guess', { errors: [{ pointer: '/password', detail }] });
