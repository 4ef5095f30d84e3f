import type { Topics } from '@kendt/eventsourcing';

/** Of a service that neither publishes nor consumes: it is not told where topics are. */
export const noTopics = (service: string): Topics => {
  const refuse = (): Promise<never> => Promise.reject(new Error(`The service ${service} has no topics`));
  return {
    ensure: refuse,
    publish: refuse,
    consume: refuse,
    // eslint-disable-next-line require-yield
    read: async function* () {
      await refuse();
    },
    rewind: refuse,
    lag: async () => [],
    names: async () => [],
    close: async () => undefined,
  };
};
