import { apiAudience } from '@kendt/contracts';
import { importJWK, SignJWT } from 'jose';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';

export interface TokenWish {
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly brand?: string;
  readonly channel?: string;
  /** Makes it a customer's own token; give it the scope `account`. */
  readonly customerId?: string;
  /** What a forger would do. */
  readonly issuer?: string;
  readonly audience?: string;
  readonly type?: string;
  /** Seconds; negative: expired. */
  readonly lifetime?: number;
}

/** An access token as the authentication service makes them, for tests of services that only check them. */
export const accessToken = async (secrets: Secrets, config: Pick<Config, 'publicUrl'>, wish: TokenWish = {}, at = new Date()): Promise<string> => {
  const { clientId = 'fjord-web', scopes = [], customerId = clientId, brand, channel, issuer = config.publicUrl, audience = apiAudience, type = 'at+jwt', lifetime = 300 } = wish;
  const [jwk] = secrets.tokenKeys.keys;
  if (!jwk?.kid) throw new Error('There is no key to sign with');
  const now = Math.floor(at.getTime() / 1000);
  return new SignJWT({ client_id: clientId, scope: scopes.join(' '), ...(brand && { brand }), ...(channel && { channel }) })
    .setProtectedHeader({ alg: 'ES256', kid: jwk.kid, typ: type })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(customerId)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime)
    .sign(await importJWK(jwk, 'ES256'));
};
