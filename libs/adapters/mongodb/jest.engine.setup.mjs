import '../../../tools/swc-hook.mjs'; // Jest's own process has nothing that reads TypeScript

export default async () => {
  const { shareMongo } = await import('../../testing/src/mongodb/index.ts');
  globalThis.stopSharedMongo = await shareMongo();
};
