export { connect } from './connector.js';
export type {
  ConsentHandler, ConsentNews, Connector, ConnectorOptions, ConnectorProblem, CustomerChange, CustomerHandler, Delivery, ErasureHandler, Lag
} from './connector.options.js';
export { erased, type ErasureAnswer, failed, notHeld, retained } from './erasure-answer.js';
export { fileStore, type FileStoreOptions } from './file.store.js';
export type { ParkedMessage } from './parked.js';
export type { InSpan, SpanNotes, SpanWish } from './span.js';
export { sqlStore, type SqlStatements } from './sql.store.js';
export type { ConnectorStore } from './store.port.js';
export type { Place, ReceivedMessage, TopicTransport, TransportConsumer } from './transport.port.js';
export { consumeLog, type ConsumeLogOptions } from './consume-log.js';
export { type LogMessage, type LogTopic, type NewLogMessage, type OpenTopicLog, type TopicChoice, TopicLog } from './topic-log.js';
export { type ConsumeControl, type From, GroupIsConsuming, type TopicLag } from './reading.js';
