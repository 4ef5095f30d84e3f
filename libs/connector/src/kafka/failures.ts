/** The brokers do not answer at this moment, or not in time: another try may find them again. */
export class TopicsUnavailable extends Error {
  override readonly name = 'TopicsUnavailable';
  readonly code = 'TOPICS_UNAVAILABLE';

  constructor(cause?: unknown) {
    super('Kafka does not answer at this moment; try again', { cause });
  }
}

/** What the client knows about an error: `type` and `code` as the protocol names them, its own class otherwise. */
interface ClientError {
  readonly name?: string;
  readonly type?: string;
  readonly code?: number | string;
  readonly retriable?: boolean;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** The client wraps: what it gave up for lies inside, or is one of several. */
const innermost = (error: unknown): ClientError => {
  const { cause, errors } = (error ?? {}) as ClientError;
  const inner = errors?.[0] ?? cause;
  return inner !== undefined && inner !== null && inner !== error ? innermost(inner) : (error ?? {});
};

/** `UNKNOWN_TOPIC_OR_PARTITION` and its like, or the name of the client's own error. */
export const kindOf = (error: unknown): string => {
  const { type, name, code } = innermost(error);
  if (code === 90) return 'PRODUCER_FENCED'; // younger than the client
  return type ?? name ?? 'unknown';
};

/** `KafkaJSError` itself: the client's word for a group that was divided anew, or no longer knew a member, each time that it tried to join. */
const away = new Set([
  'KafkaJSError',
  'KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError', 'KafkaJSBrokerNotFound', 'KafkaJSNoBrokerAvailableError',
  'KafkaJSLockTimeout', 'KafkaJSTimeout', 'KafkaJSMetadataNotLoaded', 'KafkaJSTopicMetadataNotLoaded', 'KafkaJSGroupCoordinatorNotFound', 'REQUEST_TIMED_OUT',
]);

export const isAway = (error: unknown): boolean =>
  error instanceof TopicsUnavailable || away.has(kindOf(error)) || (innermost(error).type !== undefined && innermost(error).retriable === true);

const moving = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION', 'NOT_CONTROLLER', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS']);

/** The brokers are there, but do not agree yet who answers: just after a topic was made, or a leader has gone. */
export const isMoving = (error: unknown): boolean => moving.has(kindOf(error));

const lost = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH', 'INVALID_PRODUCER_ID_MAPPING', 'PRODUCER_FENCED', 'DUPLICATE_SEQUENCE_NUMBER']);

/** The brokers and this producer no longer agree where it is. It cannot recover: a new one must go on. */
export const isLostProducer = (error: unknown): boolean => lost.has(kindOf(error));

const refused = /_AUTHORIZATION_FAILED$/;
const login = new Set(['SASL_AUTHENTICATION_FAILED', 'KafkaJSSASLAuthenticationError', 'UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE']);

/** What a caller sees. The texts are ours: those of the client repeat addresses, and its stacks are noise. */
export const toFailure = (error: unknown): Error => {
  const kind = kindOf(error);
  if (login.has(kind)) return new Error('Kafka refused the login: check sasl, user and secret.', { cause: error });
  if (refused.test(kind)) return new Error(`Kafka does not let this login do that (${kind}): check its access rights.`, { cause: error });
  if (isAway(error)) return error instanceof TopicsUnavailable ? error : new TopicsUnavailable(error);
  if (error instanceof Error && !error.name.startsWith('KafkaJS')) return error;
  return new Error(`Kafka could not do this (${kind}).`, { cause: error });
};
