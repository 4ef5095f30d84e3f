const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For text between tags, and in quoted attributes. */
export const escaped = (text: string | null): string => (text ?? '').replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** `body` is markup: whatever comes from people must have been escaped. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title></head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

/** No script and no style, and nobody's frame. `form-action`: where a page may send its forms. */
export const pageHeaders = (formAction: "'none'" | "'self'" = "'none'"): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action ${formAction}`,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
});
