/** Closes a switch: the compiler refuses the call as long as a case is missing. */
export const unreachable = (value: never): never => {
  throw new Error(`Unreachable: ${(value as { type?: string }).type ?? typeof value}`);
};
