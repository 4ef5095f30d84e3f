export interface SeenButton {
  readonly text: string;
  readonly name: string;
  readonly value: string;
  readonly action?: string;
}

export interface SeenForm {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** What would be sent if nothing were filled in. */
  readonly fields: Readonly<Record<string, string>>;
  /** The names of every field that can be filled in, in order. */
  readonly names: readonly string[];
  readonly buttons: readonly SeenButton[];
}

export interface SeenLink {
  readonly href: string;
  readonly text: string;
}

type Attributes = Readonly<Record<string, string>>;

/** Enough of HTML for pages that are well formed, as ours are: no nested forms, attributes in double quotes. */
export const formsIn = (html: string): SeenForm[] =>
  [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', body = '']) => {
    const { action = '', method = 'get' } = attributesOf(head);
    const inputs = [...body.matchAll(/<input\b([^>]*)>/gi)].map(([, text = '']) => attributesOf(text));
    return {
      action,
      method: method.toUpperCase() === 'POST' ? 'POST' : 'GET',
      fields: { ...Object.fromEntries(inputs.filter(isSent).map(({ name = '', value = 'on' }) => [name, value])), ...selected(body), ...written(body) },
      names: [...inputs.filter(({ type }) => type !== 'hidden').map(({ name = '' }) => name), ...Object.keys(selected(body)), ...Object.keys(written(body))],
      buttons: buttonsIn(body),
    };
  });

const isSent = ({ type = 'text', name, checked }: Attributes): boolean =>
  Boolean(name) && !['submit', 'button', 'image', 'reset'].includes(type) && (!['checkbox', 'radio'].includes(type) || checked !== undefined);

const selected = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/gi)].map(([, head = '', options = '']) => {
      const all = [...options.matchAll(/<option\b([^>]*)>([^<]*)/gi)].map(([, text = '', label = '']) => ({ ...attributesOf(text), label }));
      const chosen: Attributes | undefined = all.find((option) => 'selected' in option) ?? all[0];
      return [attributesOf(head)['name'] ?? '', chosen?.['value'] ?? chosen?.['label'] ?? ''];
    }),
  );

const written = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/gi)].map(([, head = '', text = '']) => [attributesOf(head)['name'] ?? '', decode(text)]),
  );

const buttonsIn = (body: string): SeenButton[] =>
  [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(([, head = '', label = '']) => {
    const { name = '', value = '', formaction } = attributesOf(head);
    return { name, value, text: textIn(label), ...(formaction && { action: formaction }) };
  });

export const linksIn = (html: string): SeenLink[] =>
  [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/gi)].map(([, head = '', label = '']) => ({ href: attributesOf(head)['href'] ?? '', text: textIn(label) }));

/** What a person reads. */
export const textIn = (html: string): string =>
  decode(html.replaceAll(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, ' ').replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();

const attributesOf = (head: string): Record<string, string> =>
  Object.fromEntries([...head.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)]));

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

const decode = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return named[name ?? ''] ?? whole;
  });
