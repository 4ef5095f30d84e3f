import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So that what was made beforehand is not collected while something is measured. */
export const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};
