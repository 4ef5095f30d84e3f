import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { purpose, purposeStream } from '@kendt/domain';
import { type ConsentTest, startConsent } from './consent.examples.js';

describe('purposes, open to everybody', () => {
  let service: ConsentTest;
  beforeAll(async () => (service = await startConsent()));
  afterAll(() => service.close());

  const get = async (path: string, headers = {}) => {
    const response = await service.request(path, { headers });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
  };

  it('are listed with their basis and current notice', async () => {
    const { status, body } = await get('/v1/purposes?brand=lund');
    expect(status).toBe(200);
    expect(body['purposes']).toHaveLength(3);
    expect(body['purposes']).toContainEqual({
      purposeId: 'personal-offers', title: { da: 'personal-offers (da)', en: 'personal-offers (en)' }, basis: 'consent', brandIds: ['fjord', 'lund'], currentNoticeVersion: 2,
    });
  });

  it('are those of one brand, or of all', async () => {
    await service.group.act(purpose, purposeStream('lamp-club'), { type: 'DefinePurpose', data: { basis: 'consent', brands: ['lund'], title: { da: 'Klub', en: 'Club' } } });
    await service.group.act(purpose, purposeStream('lamp-club'), { type: 'PublishNotice', data: { version: 1, texts: { da: 'Ja?', en: 'Yes?' } } });
    const ids = async (path: string) => ((await get(path)).body['purposes'] as { purposeId: string }[]).map(({ purposeId }) => purposeId);
    expect(await ids('/v1/purposes')).toContain('lamp-club');
    expect(await ids('/v1/purposes?brand=lund')).toContain('lamp-club');
    expect(await ids('/v1/purposes?brand=fjord')).not.toContain('lamp-club');
  });

  it.each([
    ['da', 'personal-offers, tekst 1'],
    ['en-GB,en;q=0.8', 'personal-offers, text 1'],
    ['fr', 'personal-offers, text 1'],
  ])('keep every text that was ever shown (%s)', async (language, text) => {
    const { status, headers, body } = await get('/v1/purposes/personal-offers/notices/1', { 'accept-language': language });
    expect([status, body['text'], body['version']]).toEqual([200, text, 1]);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect([headers.get('vary'), headers.get('content-language')]).toEqual(['accept-language', body['language']]);
  });

  it.each([
    ['/v1/purposes?brand=nobody', 404, 'BRAND_NOT_FOUND'],
    ['/v1/purposes?colour=red', 422, 'BODY_INVALID'],
    ['/v1/purposes/telepathy/notices/1', 404, 'PURPOSE_NOT_FOUND'],
    ['/v1/purposes/newsletter/notices/9', 404, 'NOTICE_NOT_FOUND'],
    ['/v1/purposes/newsletter/notices/first', 422, 'BODY_INVALID'],
  ])('%s is %i %s, and not kept', async (path, status, code) => {
    const answer = await get(path);
    expect([answer.status, answer.body['code'], answer.headers.get('cache-control')]).toEqual([status, code, 'no-store']);
  });
});
