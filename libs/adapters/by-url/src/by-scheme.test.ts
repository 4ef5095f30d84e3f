import { describe, expect, it } from '@jest/globals';
import { openByScheme } from './by-scheme.js';

const openers = { sqlite: async (_: string, place: string) => place, kurrentdb: async (url: string) => url };

describe('openByScheme', () => {
  it('lets the scheme pick who opens', async () => {
    expect(await openByScheme('EVENT_STORE_URL', 'sqlite:data/events.db', openers)).toBe('data/events.db');
    expect(await openByScheme('EVENT_STORE_URL', 'kurrentdb://host?tls=true', openers)).toBe('kurrentdb://host?tls=true');
  });

  it.each(['mongodb://user:secret@db', 'toString:secret', 'secret'])('refuses %s without repeating it', async (url) => {
    const mistake = 'EVENT_STORE_URL has a scheme that this version does not know: it must begin with sqlite: or kurrentdb:.';
    await expect(openByScheme('EVENT_STORE_URL', url, openers)).rejects.toMatchObject({ name: 'AddressError', mistakes: [mistake] });
  });
});
