import { describe, expect, it } from '@jest/globals';
import { VerifiedTokens } from './verified-tokens.js';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 2, 1) + seconds * 1000);
const ending = (seconds: number) => ({ sub: 'ida', exp: at(seconds).getTime() / 1000 });

describe('verified tokens', () => {
  it('are known for a minute, and others are not', () => {
    const tokens = new VerifiedTokens();
    tokens.put('one', ending(300), at(0));
    expect([tokens.get('one', at(59)), tokens.get('one', at(60)), tokens.get('two', at(1))]).toEqual([ending(300), undefined, undefined]);
  });

  it('are never known beyond their own end', () => {
    const tokens = new VerifiedTokens();
    tokens.put('one', ending(10), at(0));
    expect([tokens.get('one', at(9)), tokens.get('one', at(10))]).toEqual([ending(10), undefined]);
  });

  it('have an upper bound: the oldest goes', () => {
    const tokens = new VerifiedTokens();
    for (let n = 0; n < 3000; n++) tokens.put(`token-${n}`, ending(300), at(0));
    expect([tokens.get('token-0', at(1)), tokens.get('token-2999', at(1))]).toEqual([undefined, ending(300)]);
  });
});
