/** Markup that may go into a page as it is. Only `html` makes it, so text that somebody typed never is one. */
export class Html {
  readonly #markup: string;

  /** @internal use `html` */
  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

export type Content = Html | string | number | boolean | null | undefined | readonly Content[];

/** Whatever is put in is escaped, unless it is markup made by `html` itself. `false`, `null` and `undefined` give nothing. */
export const html = (strings: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  new Html(strings.reduce((page, string, n) => page + render(contents[n - 1]) + string));

const render = (content: Content): string => {
  if (content === null || content === undefined || typeof content === 'boolean') return '';
  if (content instanceof Html) return content.toString();
  if (Array.isArray(content)) return (content as readonly Content[]).map(render).join('');
  return escape(String(content));
};

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

const escape = (text: string): string => text.replaceAll(/[&<>"'`]/g, (character) => entities[character] ?? character);
