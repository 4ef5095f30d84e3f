import { ConfigError } from './config.js';

/** Opens what a URL names; is given the whole of it, and what stands behind the scheme's colon. */
export type OpenUrl<Port> = (url: string, place: string) => Promise<Port>;

/**
 * The scheme of a URL picks who opens it.
 * @throws ConfigError that names the setting and the schemes that there are, never the URL: it may hold a secret.
 */
export const openByScheme = async <Port>(setting: string, url: string, openers: Readonly<Record<string, OpenUrl<Port>>>): Promise<Port> => {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, colon);
  const open = Object.hasOwn(openers, scheme) ? openers[scheme] : undefined;
  if (!open) throw new ConfigError([`${setting} has a scheme that this version does not know: it must begin with ${Object.keys(openers).map((name) => `${name}:`).join(' or ')}.`]);
  return open(url, url.slice(colon + 1));
};
