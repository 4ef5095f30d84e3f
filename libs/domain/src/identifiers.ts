/** Trimmed, NFKC, lower case: two spellings of one address are one identifier (RFC 5321 leaves the local part's case to its host; no host in use tells them apart). */
export const normaliseEmail = (email: string): string => email.normalize('NFKC').trim().toLowerCase();

/** E.164 without separators. */
export const normalisePhone = (phone: string): string => phone.replaceAll(/[\s().-]/g, '');

/** Loyalty and order numbers: no spaces, upper case. */
export const normaliseNumber = (value: string): string => value.replaceAll(/\s/g, '').toUpperCase();
