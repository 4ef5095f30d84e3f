import { z } from 'zod';

export const problemMediaType = 'application/problem+json';
export const problemType = (code: string): string => `urn:kendt:problem:${code}`;

export const FieldError = z.object({
  pointer: z.string().meta({ description: 'JSON pointer (RFC 6901) into the body.', examples: ['/consents/0/noticeVersion'] }),
  detail: z.string(),
});
export type FieldError = z.infer<typeof FieldError>;

/** RFC 9457. `code` is stable; `title` and `detail` are for people. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z.array(FieldError).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });
export type Problem = z.infer<typeof Problem>;

interface Issue {
  readonly code?: string | undefined;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
  readonly message: string;
  readonly keys?: readonly string[];
}

const escaped = (key: PropertyKey): string => String(key).replaceAll('~', '~0').replaceAll('/', '~1');
const isFieldName = (key: PropertyKey): boolean => /^[A-Za-z0-9_-]{1,40}$/.test(String(key));
/** A key is the sender's own text and may be anything, an e-mail address too: only what looks like a field name is repeated. */
const shown = (key: PropertyKey): string => (isFieldName(key) ? escaped(key) : '?');

const pointer = (path: Issue['path']): string =>
  (path ?? []).map((part) => `/${shown(typeof part === 'object' ? part.key : part)}`).join('');

/** What a schema found wrong, as pointers and reasons, never with the value that was wrong: it may be personal data. */
export const fieldErrors = (issues: readonly Issue[]): FieldError[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? (issue.keys ?? []).map((key) => ({ pointer: `${pointer(issue.path)}/${shown(key)}`, detail: 'unknown field' }))
      : [{ pointer: pointer(issue.path), detail: issue.message }],
  );
