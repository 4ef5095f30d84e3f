/** A mail as a person reads it. */
export interface ReadMail {
  readonly to: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly date: string;
  readonly text: string;
  readonly html: string;
  /** Web addresses in the text, in order. */
  readonly links: readonly string[];
}

type Headers = ReadonlyMap<string, string>;

/** Reads what the Mailer has written into its folder: text and HTML side by side, quoted-printable. No general mail reader. */
export const readMail = (content: Uint8Array): ReadMail => {
  const { headers, body } = entity(Buffer.from(content).toString('latin1'));
  const parts = partsOf(headers, body);
  const text = parts.find((part) => part.type === 'text/plain')?.content ?? '';
  return {
    to: headers.get('to') ?? '',
    subject: words(headers.get('subject') ?? ''),
    date: isoDate(headers.get('date') ?? ''),
    text,
    html: parts.find((part) => part.type === 'text/html')?.content ?? '',
    links: linksIn(text),
  };
};

export const linkShape = /https?:\/\/[^\s<>"]+/g;
const linksIn = (text: string): string[] => text.match(linkShape) ?? [];

const entity = (source: string): { headers: Headers; body: string } => {
  const end = source.indexOf('\r\n\r\n');
  const head = end < 0 ? source : source.slice(0, end);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n'); // unfold, RFC 5322, 2.2.3
  const headers = lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
  return { headers: new Map(headers), body: end < 0 ? '' : source.slice(end + 4) };
};

const partsOf = (headers: Headers, body: string): { type: string; content: string }[] => {
  const type = headers.get('content-type') ?? 'text/plain';
  const [, boundary] = /boundary="?([^";]+)"?/.exec(type) ?? [];
  if (boundary === undefined) return [{ type: type.split(';')[0] ?? type, content: decoded(headers, body) }];
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => entity(part.replace(/^\r\n/, '')))
    .flatMap((part) => partsOf(part.headers, part.body));
};

const decoded = (headers: Headers, body: string): string => {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  const bytes = encoding === 'quoted-printable' ? quotedPrintable(body) : Buffer.from(body, encoding === 'base64' ? 'base64' : 'latin1');
  return bytes.toString('utf8').replaceAll('\r\n', '\n').trim();
};

/** RFC 2045, 6.7 */
const quotedPrintable = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/=\r\n/g, '').replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );

const encodedWord = /=\?utf-8\?([BQ])\?([^?]*)\?=/gi;

/** Encoded words of a header, RFC 2047; blanks between two of them are none, and a letter may be cut in two by them. */
const words = (header: string): string =>
  header.replaceAll(/=\?utf-8\?[BQ]\?[^?]*\?=(\s+=\?utf-8\?[BQ]\?[^?]*\?=)*/gi, (run) =>
    Buffer.concat([...run.matchAll(encodedWord)].map(([, kind = 'B', text = '']) => word(kind, text))).toString('utf8'),
  );

const word = (kind: string, text: string): Buffer => (kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : quotedPrintable(text.replaceAll('_', ' ')));

const isoDate = (date: string): string => (Number.isNaN(Date.parse(date)) ? '' : new Date(date).toISOString());
