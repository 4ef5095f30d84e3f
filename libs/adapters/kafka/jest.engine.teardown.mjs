export default () => globalThis.stopSharedKafka();
