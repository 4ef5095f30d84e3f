import { type SeenForm, formsIn, linksIn, type SeenLink, textIn } from './seen-page.js';

export interface SeenPage {
  /** Where the redirects ended; may be an address outside the browser's origins, which was then not fetched. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** What a person reads, white space folded. */
  readonly text: string;
  readonly forms: readonly SeenForm[];
  readonly links: readonly SeenLink[];
}

interface FormBrowserOptions {
  /** As in Accept-Language. */
  readonly language?: string;
  /** A redirect elsewhere is where the browser stops, as a shop's callback that nobody listens on. */
  readonly origins: readonly string[];
}

interface Cookie {
  readonly value: string;
  readonly path: string;
}

const mostRedirects = 15;

/** A browser without scripts: keeps cookies, follows redirects, fills in forms. For journeys that need no picture. */
export class FormBrowser {
  readonly #origins: ReadonlySet<string>;
  readonly #language: string;
  readonly #cookies = new Map<string, Map<string, Cookie>>();

  constructor({ language = 'en', origins }: FormBrowserOptions) {
    this.#language = language;
    this.#origins = new Set(origins.map((origin) => new URL(origin).origin));
  }

  open(url: string | URL): Promise<SeenPage> {
    return this.#go(new URL(url), 'GET');
  }

  /** Fills in the fields by name, presses the button (its value counts where it has a name), and goes where that leads. */
  submit(page: SeenPage, form: SeenForm, values: Readonly<Record<string, string>> = {}, button = form.buttons[0]): Promise<SeenPage> {
    const fields = new URLSearchParams({ ...form.fields, ...(button?.name && { [button.name]: button.value }), ...values });
    const target = new URL(button?.action ?? form.action, page.url);
    if (form.method === 'POST') return this.#go(target, 'POST', fields);
    target.search = fields.toString();
    return this.#go(target, 'GET');
  }

  cookieNames(origin: string): string[] {
    return [...(this.#cookies.get(new URL(origin).origin)?.keys() ?? [])];
  }

  async #go(first: URL, method: 'GET' | 'POST', body?: URLSearchParams): Promise<SeenPage> {
    let [url, how, what] = [first, method, body];
    for (let hops = 0; hops < mostRedirects; hops++) {
      if (!this.#origins.has(url.origin)) return seen(url, new Response(null, { status: 200 }), '');
      const response = await this.#fetch(url, how, what);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || !location) return seen(url, response, await response.text());
      await response.body?.cancel();
      url = new URL(location, url);
      if (response.status < 307) [how, what] = ['GET', undefined];
    }
    throw new Error(`More than ${mostRedirects} redirects from ${first.origin}${first.pathname}`);
  }

  async #fetch(url: URL, method: string, body: URLSearchParams | undefined): Promise<Response> {
    const headers = {
      accept: 'text/html,application/xhtml+xml',
      'accept-language': this.#language,
      cookie: this.#cookiesFor(url),
      ...(method === 'POST' && { origin: url.origin, 'sec-fetch-site': 'same-origin' }),
    };
    const response = await fetch(url, { method, headers, redirect: 'manual', ...(body && { body }) });
    for (const line of response.headers.getSetCookie()) this.#keep(url, line);
    return response;
  }

  #cookiesFor(url: URL): string {
    const jar = this.#cookies.get(url.origin) ?? new Map<string, Cookie>();
    return [...jar].filter(([, { path }]) => url.pathname.startsWith(path)).map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #keep(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const told = new Map(attributes.map((attribute) => [attribute.split('=')[0]?.toLowerCase() ?? '', attribute.slice(attribute.indexOf('=') + 1)]));
    const jar = this.#cookies.get(url.origin) ?? new Map<string, Cookie>();
    this.#cookies.set(url.origin, jar);
    const expires = told.get('expires');
    const gone = told.get('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
    if (gone) jar.delete(name);
    else jar.set(name, { value, path: told.get('path') ?? '/' });
  }
}

const seen = (url: URL, { status, headers }: Response, html: string): SeenPage => ({
  url: url.href,
  status,
  headers,
  html,
  text: textIn(html),
  forms: formsIn(html),
  links: linksIn(html),
});
