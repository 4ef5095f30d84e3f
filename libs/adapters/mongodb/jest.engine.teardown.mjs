export default () => globalThis.stopSharedMongo();
