import { z } from 'zod';
import { NoticeVersion } from './consent.schema.js';
import { DeclaredData } from './erasure.schema.js';
import { scopes } from './scopes.js';
import { Channel, LawfulBasis, line, Slug, translated } from './values.schema.js';

/** A secret stands elsewhere: in the environment or in a file (relative to the folder of secrets). */
export const SecretReference = z
  .string()
  .regex(/^(env:[A-Z][A-Z0-9_]{0,63}|file:[^\0]{1,300})$/, 'must be env:NAME or file:PATH, never the secret itself')
  .meta({ id: 'SecretReference', examples: ['file:clients/fjord-web'] });
export type SecretReference = z.infer<typeof SecretReference>;

/** Only the loopback may do without TLS (RFC 8252 § 8.3). */
const Redirect = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((url) => /^https:|^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)([:/]|$)/.test(url), 'must be https, or http on the loopback')
  .refine((url) => !url.includes('#'), 'must have no fragment');

export const Brand = z
  .strictObject({
    id: Slug,
    name: line(100),
    look: Slug.meta({ description: 'One of the looks that the pages know.' }),
    contact: line(300).meta({ description: 'Where the privacy policy is read, or whom to write to.' }),
  })
  .meta({ id: 'Brand', description: 'A store chain: the controller (GDPR art. 4(7)) of its own purposes.' });
export type Brand = z.infer<typeof Brand>;

export const grants = ['authorization_code', 'refresh_token', 'client_credentials'] as const;

export const Client = z
  .strictObject({
    id: Slug,
    name: line(100),
    brand: Slug.optional().meta({ description: 'The brand it acts for; a client without one belongs to the group.' }),
    channel: Channel.default('back-office'),
    grants: z.array(z.enum(grants)).min(1),
    scopes: z.array(z.enum(scopes)).min(1),
    redirectUris: z.array(Redirect).max(20).default([]),
    postLogoutRedirectUris: z.array(Redirect).max(20).default([]),
    secret: SecretReference.optional().meta({ description: 'By default `file:clients/<id>`.' }),
  })
  .refine((client) => !client.grants.includes('authorization_code') || client.redirectUris.length > 0, {
    path: ['redirectUris'],
    message: 'is needed for authorization_code',
  })
  .meta({ id: 'Client', description: 'A program that talks to Kendt.' });
export type Client = z.infer<typeof Client>;

export const ConfiguredNotice = z.strictObject({
  version: NoticeVersion,
  texts: translated(5000),
});
export type ConfiguredNotice = z.infer<typeof ConfiguredNotice>;

export const ConfiguredPurpose = z
  .strictObject({
    id: Slug,
    title: translated(200),
    basis: LawfulBasis,
    brands: z.array(Slug).min(1),
    notices: z.array(ConfiguredNotice).min(1),
  })
  .refine((purpose) => purpose.notices.every((notice, index) => notice.version === index + 1), {
    path: ['notices'],
    message: 'must be versions 1, 2, 3, ... in this order: a text that was shown is never taken away',
  })
  .meta({ id: 'ConfiguredPurpose', description: 'What data is used for, with its lawful basis and the texts that explain it.' });
export type ConfiguredPurpose = z.infer<typeof ConfiguredPurpose>;

export const ConfiguredSystem = z
  .strictObject({ id: Slug, name: line(100), brands: z.array(Slug).min(1), holds: z.array(DeclaredData).min(1).max(100) })
  .meta({ id: 'ConfiguredSystem', description: 'A system that holds customer data, and how long the law wants it kept.' });
export type ConfiguredSystem = z.infer<typeof ConfiguredSystem>;

export const IdentityProvider = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('oidc'),
      id: Slug,
      name: line(100),
      issuer: z.url({ protocol: /^https?$/ }),
      clientId: line(200),
      clientSecret: SecretReference,
      scopes: z.array(line(50)).default(['openid', 'email', 'profile']),
    }),
    z.strictObject({ kind: z.literal('facebook'), id: Slug, name: line(100), clientId: line(200), clientSecret: SecretReference }),
  ])
  .meta({ id: 'IdentityProvider', description: 'Where a customer may already have an identity.' });
export type IdentityProvider = z.infer<typeof IdentityProvider>;
