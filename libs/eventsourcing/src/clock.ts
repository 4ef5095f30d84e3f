/** The only source of the present moment. */
export type Clock = () => Date;

/** Now, ISO 8601 UTC with milliseconds. */
export const timestamp = (clock: Clock): string => clock().toISOString();
