import { z } from 'zod';

/** Opaque and never personal data: ids stand in stream names, topic keys, logs and paths. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/, 'must be an id of at most 64 characters')
  .meta({ id: 'Id', description: 'An opaque id.', examples: ['0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a10'] });
export type Id = z.infer<typeof Id>;

/** A name chosen in the configuration (brand, purpose, system, client): it becomes part of topic names and paths. */
export const Slug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens, at most 40')
  .meta({ id: 'Slug', description: 'A name from the configuration.', examples: ['newsletter'] });
export type Slug = z.infer<typeof Slug>;

/** ISO 8601 in UTC, ending in `Z`. */
export const Time = z.iso.datetime().max(30).meta({ id: 'Time', description: 'ISO 8601, UTC.', examples: ['2026-03-01T09:30:00.000Z'] });
export type Time = z.infer<typeof Time>;

/** A day without a time, as laws count them. */
export const Day = z.iso.date().meta({ id: 'Day', description: 'ISO 8601 calendar date.', examples: ['2031-12-31'] });
export type Day = z.infer<typeof Day>;

/** ISO 8601 in whole years, months, weeks or days: deadlines of laws have no hours. */
export const Period = z
  .string()
  .regex(/^P(?=\d)(\d{1,3}Y)?(\d{1,3}M)?(\d{1,3}W)?(\d{1,4}D)?$/, 'must be an ISO 8601 period of years, months, weeks or days')
  .meta({ id: 'Period', description: 'ISO 8601 period.', examples: ['P5Y'] });
export type Period = z.infer<typeof Period>;

export const languages = ['da', 'en'] as const;
export const Language = z.enum(languages).meta({ id: 'Language', description: 'The language that a person reads.' });
export type Language = z.infer<typeof Language>;

/**
 * One line of text without control characters (Unicode Cc): a line break in a name would end a mail header. Spelled out, because
 * the pattern is published, and not every language's expressions know `\p`.
 */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must be one line without control characters');

export const Email = z
  .string()
  .check(z.trim(), z.email(), z.maxLength(254))
  .meta({ id: 'Email', description: 'An e-mail address; spaces around it are ignored.', examples: ['ida.holm@example.org'] });
export type Email = z.infer<typeof Email>;

export const Phone = z.e164().meta({ id: 'Phone', description: 'E.164 with the leading plus.', examples: ['+4520123456'] });
export type Phone = z.infer<typeof Phone>;

export const PersonName = z
  .strictObject({ given: line(100), family: line(100) })
  .meta({ id: 'PersonName', examples: [{ given: 'Ida', family: 'Holm' }] });
export type PersonName = z.infer<typeof PersonName>;

/**
 * A password that is being chosen. NIST SP 800-63B: length is what counts, no rules of composition; NFKC, so that two
 * keyboards that write the same letter differently give the same password.
 */
export const NewPassword = z
  .string()
  .normalize('NFKC')
  .min(10)
  .max(256)
  .meta({ id: 'NewPassword', description: '10 to 256 characters, any of them.', format: 'password' });

/** A password that is being tried: normalised alike, and never refused for its form. */
export const TriedPassword = z.string().normalize('NFKC').min(1).max(256).meta({ id: 'TriedPassword', format: 'password' });

/** Minor units (øre, cent), never a fraction. */
export const MinorUnits = z
  .int()
  .min(0)
  .max(1_000_000_000_000)
  .meta({ id: 'MinorUnits', description: 'Money in minor units of its currency (øre, cent).', examples: [129900] });

export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
  .meta({ id: 'Currency', description: 'ISO 4217.', examples: ['DKK'] });

export const channels = ['web', 'app', 'till', 'support', 'crm', 'mail', 'account'] as const;
/** Where the customer is met. Open: a group may have channels of its own. */
export const Channel = Slug.meta({ id: 'Channel', description: `Where the customer is met: ${channels.join(', ')} or another.`, examples: ['web'] });
export type Channel = z.infer<typeof Channel>;

/** GDPR art. 6(1), (a) to (f). */
export const lawfulBases = ['consent', 'contract', 'legal-obligation', 'vital-interests', 'public-task', 'legitimate-interests'] as const;
export const LawfulBasis = z.enum(lawfulBases).meta({ id: 'LawfulBasis', description: 'GDPR art. 6(1), (a) to (f).' });
export type LawfulBasis = z.infer<typeof LawfulBasis>;

/** The same text in every language that is served. */
export const translated = (max: number) => z.strictObject({ da: z.string().trim().min(1).max(max), en: z.string().trim().min(1).max(max) });

/** The token of a link in a mail. */
export const LinkToken = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{16,512}$/, 'must be the token of a link')
  .meta({ id: 'LinkToken', description: 'The token of a link that was mailed.' });

export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
export const Cursor = z.string().regex(/^[A-Za-z0-9_-]{1,512}$/, 'must be a cursor from a Link header');
