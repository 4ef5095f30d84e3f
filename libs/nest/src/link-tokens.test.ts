import { describe, expect, it } from '@jest/globals';
import { LinkToken } from '@kendt/contracts';
import { LinkTokens } from './link-tokens.js';

const now = new Date('2026-03-01T12:00:00.000Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const links = new LinkTokens({ linkKey: Buffer.alloc(32, 1) });
const link = { purpose: 'verify-email', customerId: '0192f0c1-7c2e-5b6a-9d55-2f0d4a3a6a10', emailClaim: 'ab'.repeat(32) };

describe('links in mails', () => {
  it('say what they said when they were made', async () => {
    expect(await links.verify('verify-email', await links.sign(link, later(60)), now)).toEqual(link);
  });

  it('fit the form that the contract asks for', async () => {
    expect(LinkToken.safeParse(await links.sign(link, later(60))).success).toBe(true);
  });

  it('are gone when their time is over', async () => {
    await expect(links.verify('verify-email', await links.sign(link, later(60)), later(61))).rejects.toMatchObject({ code: 'LINK_EXPIRED', kind: 'gone' });
  });

  it('never do anything but what they were made for', async () => {
    await expect(links.verify('confirm-erasure', await links.sign(link, later(60)), now)).rejects.toMatchObject({ code: 'LINK_INVALID', kind: 'not-found' });
  });

  it('are refused when altered, of another key, without signature, or no token at all', async () => {
    const token = await links.sign(link, later(60));
    const [head, body, signature] = token.split('.') as [string, string, string];
    const other = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'somebody-else' })).toString('base64url');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"kendt-link"}').toString('base64url')}.${body}.`;
    const foreign = await new LinkTokens({ linkKey: Buffer.alloc(32, 2) }).sign(link, later(60));
    for (const bad of [`${head}.${other}.${signature}`, unsigned, foreign, 'nothing', ''])
      await expect(links.verify('verify-email', bad, now)).rejects.toMatchObject({ code: 'LINK_INVALID' });
  });

  it('carry no id under the name of a registered claim', async () => {
    await expect(links.sign({ ...link, exp: 'never' }, later(60))).rejects.toThrow('registered claim');
  });
});
