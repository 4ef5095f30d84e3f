import { escaped, page } from '@kendt/example-console';
import { priceText, type Product, products } from './products.js';
import type { Order } from './shop.table.js';

interface FrontPage {
  readonly formId: string;
  readonly known: { readonly customers: number; readonly agreed: number };
  /** What was sent and cannot be taken: it is shown again, with a sentence. */
  readonly wrong?: { readonly what: string; readonly customerId: string };
}

const option = ({ sku, name, price }: Product): string => `<option value="${sku}">${escaped(name)}, ${priceText(price)}</option>`;

export const frontPage = ({ formId, known, wrong }: FrontPage): string =>
  page(
    wrong ? 'Error: Web shop' : 'Web shop',
    `<h1>Web shop</h1>
${wrong ? `<p id="wrong" role="alert">${escaped(wrong.what)}</p>` : ''}
<form method="post" action="/orders">
<input type="hidden" name="formId" value="${escaped(formId)}">
<p><label for="sku">Product</label> <select id="sku" name="sku">${products.map(option).join('')}</select></p>
<p><label for="quantity">How many</label> <input id="quantity" name="quantity" type="number" min="1" max="99" value="1" required></p>
<p><label for="customerId">Your customer id</label> <input id="customerId" name="customerId" autocomplete="off" required value="${escaped(wrong?.customerId ?? '')}"${wrong ? ' aria-invalid="true" aria-describedby="wrong"' : ''}></p>
<p><button>Order</button></p>
</form>
<p>Customers that the shop knows: ${known.customers}. Readers of its newsletter: ${known.agreed}.</p>`,
  );

export const orderPage = ({ number, sku, quantity, price }: Order): string =>
  page(
    `Order ${number}`,
    `<h1>Order ${number}</h1>
<p>Thank you.</p>
<dl>
<dt>Product</dt><dd>${escaped(products.find((product) => product.sku === sku)?.name ?? sku)}</dd>
<dt>How many</dt><dd>${quantity}</dd>
<dt>Total</dt><dd>${priceText(quantity * price)}</dd>
</dl>
<p><a href="/">Back to the shop</a></p>`,
  );

export const sentencePage = (title: string): string => page(title, `<h1>${escaped(title)}</h1>\n<p><a href="/">Back to the shop</a></p>`);
