/** Opens what a URL names; is given the whole of it, and what stands behind the scheme's colon. */
export type OpenUrl<Port> = (url: string, place: string) => Promise<Port>;

export type Openers<Port> = Readonly<Record<string, OpenUrl<Port>>>;

/** Addresses that nobody here can open, a sentence each that names the setting; never the address, which may hold a secret. */
export class AddressError extends Error {
  override readonly name = 'AddressError';

  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
  }
}

const schemeOf = (url: string): string => url.slice(0, url.indexOf(':'));

/** What is wrong with the scheme; `undefined`: nothing. */
export const schemeMistake = (setting: string, url: string, openers: Openers<unknown>): string | undefined =>
  Object.hasOwn(openers, schemeOf(url))
    ? undefined
    : `${setting} has a scheme that this version does not know: it must begin with ${Object.keys(openers).map((name) => `${name}:`).join(' or ')}.`;

/**
 * The scheme of a URL picks who opens it.
 * @throws AddressError
 */
export const openByScheme = async <Port>(setting: string, url: string, openers: Openers<Port>): Promise<Port> => {
  const mistake = schemeMistake(setting, url, openers);
  if (mistake) throw new AddressError([mistake]);
  return openers[schemeOf(url)]!(url, url.slice(url.indexOf(':') + 1));
};
