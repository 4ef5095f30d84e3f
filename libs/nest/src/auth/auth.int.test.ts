import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { generateSecrets } from '../config/secrets.js';
import { accessToken, startTestService, type TestService } from '../testing/index.js';
import { startProbe } from '../testing/probe.service.js';
import { Scopes } from './scopes.js';

const ida = '0199b2c1-7a52-7c1e-9a30-5b1f6f6f6f01';
const bo = '0199b2c1-7a52-7c1e-9a30-5b1f6f6f6f02';

describe('access tokens', () => {
  let service: TestService;
  const active = new Set([ida]);
  let signedOutAt = 0;
  beforeAll(async () => {
    service = await startProbe({ customerStatus: async (id, issuedAt = 0) => active.has(id) && issuedAt >= signedOutAt });
  });
  afterAll(() => service.close());

  const get = (authorization: string | undefined, path = '/v1/notes'): Promise<Response> => service.request(path, { headers: authorization ? { authorization } : {} });
  const refusal = async (response: Response): Promise<unknown[]> => [response.status, ((await response.json()) as { code: string }).code];
  const claims = { client_id: 'fjord-web', scope: 'notes:read' };
  const unsigned = (): string =>
    new UnsecuredJWT(claims).setIssuer(service.config.publicUrl).setAudience('urn:kendt:api').setSubject('fjord-web').setExpirationTime('5m').encode();
  const symmetric = async (): Promise<string> => {
    const [jwk] = service.secrets.tokenKeys.keys;
    const publicKey = Buffer.from(JSON.stringify({ kty: 'EC', crv: 'P-256', x: jwk?.x, y: jwk?.y }));
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...(jwk?.kid && { kid: jwk.kid }) }).setIssuer(service.config.publicUrl)
      .setAudience('urn:kendt:api').setSubject('fjord-web').setExpirationTime('5m').sign(publicKey);
  };
  const foreign = async (): Promise<string> => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const [jwk] = service.secrets.tokenKeys.keys;
    const secrets = { ...(await generateSecrets()), tokenKeys: { keys: [{ ...(await exportJWK(privateKey)), kid: jwk?.kid ?? '' }] } };
    return accessToken(secrets, service.config, { scopes: ['notes:read'] });
  };

  it('lets in who carries a good one', async () => {
    expect((await get(await service.token({ scopes: ['notes:read'] }))).status).toBe(200);
  });

  it('looks at all of it: one that was good a moment ago is not good with another signature', async () => {
    const good = await service.token({ scopes: ['notes:read'] });
    expect((await get(good)).status).toBe(200);
    const forged = `${good.slice(0, -10)}${good.slice(-10).split('').reverse().join('')}`;
    expect(await refusal(await get(forged))).toEqual([401, 'TOKEN_INVALID']);
  });

  it('asks for one, as RFC 6750 has it', async () => {
    const response = await get(undefined);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="kendt"');
    expect(await refusal(response)).toEqual([401, 'TOKEN_MISSING']);
    expect(await refusal(await get('Basic aWRhOmhvbG0='))).toEqual([401, 'TOKEN_MISSING']);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['of alg none', () => `Bearer ${unsigned()}`],
    ['signed with our public key as a shared secret', async () => `Bearer ${await symmetric()}`],
    ['of another signer with our key id', async () => `Bearer ${await foreign()}`],
    ['of another issuer', () => service.token({ scopes: ['notes:read'], issuer: 'https://elsewhere.example' })],
    ['for another audience', () => service.token({ scopes: ['notes:read'], audience: 'urn:elsewhere' })],
    ['that has expired', () => service.token({ scopes: ['notes:read'], lifetime: -60 })],
    ['that is an ID token', () => service.token({ scopes: ['notes:read'], type: 'JWT' })],
    ['that is no token', () => 'Bearer nonsense'],
  ])('refuses one %s', async (_, token) => {
    const response = await get(await token());
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="kendt", error="invalid_token"');
    expect(await refusal(response)).toEqual([401, 'TOKEN_INVALID']);
  });

  it('refuses one without the scope', async () => {
    const response = await get(await service.token({ scopes: ['notes:write'] }));
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="notes:read"');
    expect(await refusal(response)).toEqual([403, 'SCOPE_MISSING']);
  });

  describe('of a customer', () => {
    const own = (wish: object = {}): Promise<string> => service.token({ customerId: ida, scopes: ['openid', 'account'], ...wish });

    it('opens what is their own, by id or as me', async () => {
      for (const id of ['me', ida]) {
        const response = await get(await own(), `/v1/customers/${id}`);
        expect(await response.json()).toEqual({ customerId: ida, kind: 'customer' });
      }
    });

    it('finds nobody else', async () => {
      expect(await refusal(await get(await own(), `/v1/customers/${bo}`))).toEqual([404, 'NOT_FOUND']);
    });

    it('opens nothing that is not theirs, whatever scopes it carries', async () => {
      expect(await refusal(await get(await own({ scopes: ['account', 'notes:read'] })))).toEqual([403, 'SCOPE_MISSING']);
    });

    it('needs the scope account', async () => {
      expect(await refusal(await get(await own({ scopes: ['openid', 'notes:read'] }), '/v1/customers/me'))).toEqual([403, 'SCOPE_MISSING']);
    });

    it('dies with the account', async () => {
      expect(await refusal(await get(await own({ customerId: bo }), '/v1/customers/me'))).toEqual([401, 'TOKEN_INVALID']);
    });

    it('dies when its sessions are revoked, and no later one does', async () => {
      const before = await own();
      signedOutAt = Date.now() / 1000 + 1;
      expect(await refusal(await get(before, '/v1/customers/me'))).toEqual([401, 'TOKEN_INVALID']);
      signedOutAt = 1;
      expect((await get(await own(), '/v1/customers/me')).status).toBe(200);
    });

    it('is what me needs: a client has none', async () => {
      const client = await service.token({ scopes: ['notes:read', 'account'] });
      expect(await refusal(await get(client, '/v1/customers/me'))).toEqual([404, 'NOT_FOUND']);
      expect(await refusal(await get(client, '/v1/customers/not-an-id'))).toEqual([404, 'NOT_FOUND']);
      expect((await get(client, `/v1/customers/${bo}`)).status).toBe(200);
    });
  });
});

describe('keys of another kind', () => {
  it('never check a token: only ES256 is taken, whatever the key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
    const key = { ...(await exportJWK(publicKey)), kid: 'longer' };
    const service = await startProbe({ tokenKeys: { current: () => [key] } });
    const token = await new SignJWT({ client_id: 'fjord-web', scope: 'notes:read' }).setProtectedHeader({ alg: 'ES384', typ: 'at+jwt', kid: 'longer' })
      .setIssuer(service.config.publicUrl).setAudience('urn:kendt:api').setSubject('fjord-web').setExpirationTime('5m').sign(privateKey);
    const response = await service.request('/v1/notes', { headers: { authorization: `Bearer ${token}` } });
    await service.close();
    expect(response.status).toBe(401);
  });
});

describe('a route that says nothing about who may call it', () => {
  @Controller('v1/forgotten')
  class ForgottenController {
    @Get()
    @Scopes('a')
    closed(): void {}

    @Get('open')
    open(): void {}
  }

  @Module({ controllers: [ForgottenController] })
  class ForgottenModule {}

  it('stops the start', async () => {
    await expect(startTestService({ modules: [ForgottenModule] })).rejects.toThrow('Say who may call ForgottenController.open: @Scopes(...) or @Public().');
  });
});
