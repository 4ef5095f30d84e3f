/** What a client can be allowed to do (OAuth 2.0 scopes). */
export const apiScopes = [
  'customers:register',
  'customers:find',
  'customers:read',
  'customers:write',
  'consents:read',
  'consents:write',
  'purchases:read',
  'purchases:write',
  'erasure:request',
  'erasure:manage',
  'audit:read',
] as const;

/** What a shop asks for when a customer logs in. `account`: the customer's own token, for `me`. */
export const loginScopes = ['openid', 'profile', 'email', 'phone', 'offline_access', 'account'] as const;

export const scopes = [...loginScopes, ...apiScopes] as const;
export type Scope = (typeof scopes)[number];

/** The audience of every access token for the API (RFC 9068). */
export const apiAudience = 'urn:kendt:api';
