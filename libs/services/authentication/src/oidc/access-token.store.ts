import { apiAudience } from '@kendt/contracts';
import type { Clock } from '@kendt/eventsourcing';
import type { Config } from '@kendt/nest';
import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { z } from 'zod';

const ours = z.object({
  jti: z.string(),
  sub: z.string(),
  iat: z.number(),
  exp: z.number(),
  client_id: z.string(),
  scope: z.string().optional(),
  grant_id: z.string().optional(),
  brand: z.string().optional(),
  channel: z.string().optional(),
});

/**
 * JWT access tokens are not stored (oidc-provider, models/formats/jwt.js gives no payload to keep): they are found by
 * checking them. What is found has no audience, so that userinfo, which refuses one, takes our API's tokens as well.
 */
export const checkedTokens = (kept: Adapter, kind: 'AccessToken' | 'ClientCredentials', keys: JWTVerifyGetKey, config: Pick<Config, 'publicUrl'>, clock: Clock): Adapter => ({
  ...kept,
  find: async (token) => {
    const payload = await verified(token, keys, config.publicUrl, clock);
    return payload && toPayload(payload, kind);
  },
});

const verified = async (token: string, keys: JWTVerifyGetKey, issuer: string, clock: Clock): Promise<JWTPayload | undefined> => {
  try {
    const checks = { issuer, audience: apiAudience, typ: 'at+jwt', algorithms: ['ES256'], currentDate: clock() };
    return (await jwtVerify(token, keys, checks)).payload;
  } catch {
    return undefined;
  }
};

const toPayload = (payload: JWTPayload, kind: 'AccessToken' | 'ClientCredentials'): AdapterPayload | undefined => {
  const read = ours.safeParse(payload);
  if (!read.success) return undefined;
  const { jti, sub, iat, exp, scope, client_id: clientId, grant_id: grantId, brand, channel } = read.data;
  if ((kind === 'ClientCredentials') !== (sub === clientId)) return undefined;
  const extra = { ...(brand && { brand }), ...(channel && { channel }) };
  return { kind, jti, iat, exp, clientId, extra, ...(scope && { scope }), ...(kind === 'AccessToken' && { accountId: sub, grantId }) };
};
