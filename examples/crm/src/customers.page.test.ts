import { describe, expect, it } from '@jest/globals';
import { customersPage } from './customers.page.js';

const ida = { id: 1, customerId: 'ida', brandId: 'fjord', name: 'Ida Holm', email: 'ida@example.org', phone: null, language: 'da', consents: 'newsletter granted' };

describe('the page of customers', () => {
  it('lists them', () => {
    expect(customersPage([ida])).toContain('<td>Ida Holm</td><td>ida@example.org</td><td></td><td>fjord</td><td>da</td><td>newsletter granted</td>');
    expect(customersPage([])).toContain('knows nobody');
  });

  it('shows what people call themselves as text, whatever it is', () => {
    const page = customersPage([{ ...ida, name: '<script>alert("1")</script>', email: `"'&` }]);
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
  });
});
