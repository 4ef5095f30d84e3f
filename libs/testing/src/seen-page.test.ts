import { describe, expect, it } from '@jest/globals';
import { formsIn, linksIn, textIn } from './seen-page.js';

describe('a page as a browser without scripts sees it', () => {
  it('has forms with what would be sent, what can be filled in, and what can be pressed', () => {
    const html = `<form method="post" action="/login/1"><input type="hidden" name="_csrf" value="a&amp;b">
      <label>E-mail <input name="email" type="email" value=""></label><input type="checkbox" name="stay" value="yes"><input type="checkbox" name="news" checked>
      <select name="lang"><option value="da">Dansk</option><option value="en" selected>English</option></select>
      <button name="do" value="go">Log in</button><button formaction="/other">Other</button></form>`;
    expect(formsIn(html)).toEqual([
      {
        action: '/login/1',
        method: 'POST',
        fields: { _csrf: 'a&b', email: '', news: 'on', lang: 'en' },
        names: ['email', 'stay', 'news', 'lang'],
        buttons: [
          { name: 'do', value: 'go', text: 'Log in' },
          { name: '', value: '', text: 'Other', action: '/other' },
        ],
      },
    ]);
  });

  it('has links and text', () => {
    const html = '<head><title>Not read</title></head><p>Tom &amp; <a href="/mailbox?id=1&amp;x=2">S&oslash;ren&#39;s <b>mail</b></a></p>';
    expect(linksIn(html)).toEqual([{ href: '/mailbox?id=1&x=2', text: "S&oslash;ren's mail" }]);
    expect(textIn(html)).toBe("Tom & S&oslash;ren's mail");
  });
});
