/** Where it happened, without the message: that may repeat what somebody has sent. */
export const stackFrames = (error: unknown): string | undefined =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .join('\n')
    : undefined;

/** What may be logged of an error: its name, its code, and where it happened. */
export const fault = (error: unknown): { readonly error?: string; readonly code?: string; readonly stack?: string | undefined } => {
  if (!(error instanceof Error)) return {};
  const code = codeOf(error);
  return { error: error.name, ...(code && { code }), stack: stackFrames(error) };
};

/** The code of an error where it has one, such as `SQLITE_FULL` or `ECONNREFUSED`. */
export const codeOf = (error: unknown): string | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,59}$/.test(code) ? code : undefined;
};
