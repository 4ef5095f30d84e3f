import '../../../tools/swc-hook.mjs'; // Jest's own process has nothing that reads TypeScript

export default async () => {
  const { shareKafka } = await import('../../testing/src/kafka/index.ts');
  globalThis.stopSharedKafka = await shareKafka();
};
