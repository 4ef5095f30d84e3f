import { describe, expect, it } from '@jest/globals';
import { commonPasswords } from './common-passwords.js';
import { checkPassword } from './password.rules.js';

const refused = expect.objectContaining({ code: 'PASSWORD_TOO_COMMON', status: 422 });
const check = (password: string, email = 'ida.holm@example.org') => (): void => checkPassword(password, email);
const problem = (work: () => void): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('a password', () => {
  it.each([['correct horse battery'], ['Rødgrød & fløde 7'], ['xq7-Lpw2-9vTz']])('of enough length is fine: %s', (good) => expect(check(good)).not.toThrow());

  it.each([['1234567890'], ['QwertyUiop'], ['Adgangskode123'], ['1q2w3e4r5t']])('that everybody tries first is refused: %s', (bad) =>
    expect(problem(check(bad))).toEqual(refused));

  it.each([['aaaaaaaaaaaa'], ['ababababab'], ['abcabcabcabc']])('of hardly any different characters is refused: %s', (bad) => expect(problem(check(bad))).toEqual(refused));

  it.each([['ida.holm-1990'], ['xxIDA.HOLMxx'], ['IdaHolm19900101']])('made of the address is refused: %s', (bad) => expect(problem(check(bad))).toEqual(refused));

  it('looks past a tag in the address, and past a short local part', () => {
    expect(problem(check('ida.holm-1990', 'ida.holm+shop@example.org'))).toEqual(refused);
    expect(check('elbow room for all', 'bo@example.org')).not.toThrow();
  });
});

it('the list is bounded, lower case, and has nothing that is refused for its length anyhow', () => {
  expect(commonPasswords.size).toBeGreaterThan(200);
  expect(commonPasswords.size).toBeLessThan(400);
  for (const password of commonPasswords) expect([password, password.length >= 10]).toEqual([password.toLowerCase(), true]);
});
