import type { View, ViewDefinition, Views } from './views.port.js';

/** Opened with the first use. One that could not be opened is tried again with the next: a store that was away comes back. */
export const openOnce = <T extends object>(views: Pick<Views, 'open'>, definition: ViewDefinition<T>): (() => Promise<View<T>>) => {
  let opened: Promise<View<T>> | undefined;
  return () =>
    (opened ??= views.open<T>(definition).catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
};
