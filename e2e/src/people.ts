import { randomBytes } from 'node:crypto';

export interface Person {
  readonly email: string;
  readonly given: string;
  readonly family: string;
  readonly phone: string;
  readonly password: string;
}

/** Named after Ida Holm and Bo Lund Jensen, and like nobody else: what is searched for afterwards can only be theirs. */
export const newPerson = (given: string, family: string): Person => {
  const mark = randomBytes(4).toString('hex');
  const surname = `${family}${mark.replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '')}`;
  return {
    email: `${given}.${family}.${mark}@example.org`.toLowerCase(),
    given,
    family: surname,
    phone: `+45${20_000_000 + (randomBytes(4).readUInt32BE() % 9_999_999)}`,
    password: `${randomBytes(9).toString('base64url')} lamp`,
  };
};
