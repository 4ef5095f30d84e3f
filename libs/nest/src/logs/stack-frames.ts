/** Where it happened, without the message: that may repeat what somebody has sent. */
export const stackFrames = (error: unknown): string | undefined =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .join('\n')
    : undefined;
