import { Problem } from '../problems/problem.js';

export const tokenMissing = (): Problem =>
  new Problem(401, 'TOKEN_MISSING', 'Send an access token: Authorization: Bearer …', { headers: { 'www-authenticate': 'Bearer realm="kendt"' } });

/** Says nothing about why: that would help only whoever forges one. */
export const tokenInvalid = (cause?: unknown): Problem =>
  new Problem(401, 'TOKEN_INVALID', 'The access token is not valid here, or no longer', {
    headers: { 'www-authenticate': 'Bearer realm="kendt", error="invalid_token"' },
    cause,
  });
