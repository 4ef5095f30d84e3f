export {
  type ActorKind,
  type Appended,
  categoryOf,
  type EventBatch,
  type EventMetadata,
  type EventStore,
  type ExpectedRevision,
  keyOf,
  type NewEvent,
  type Position,
  readAll,
  type ReadOptions,
  RevisionConflict,
  START,
  type StoredEvent,
  type StreamAppend,
  type SubscribeOptions,
} from './event-store.port.js';
export {
  type Document,
  type IndexValue,
  type Page,
  type PageOptions,
  type PutOptions,
  type View,
  ViewConflict,
  type ViewDefinition,
  type Views,
} from './views.port.js';
export type { ConsumeOptions, OutgoingMessage, TopicDefinition, TopicMessage, Topics } from './topics.port.js';
export type { DataKey, KeyRing } from './key-ring.port.js';
export { type CommandContext, deterministicId, eventId, randomId } from './command-context.js';
export { type Decision, decision, handle, type Handled, provided } from './handle.js';
export { readState, stateOf } from './state.js';
export { type Clock, timestamp } from './clock.js';
export { IntegrityError, sealing } from './sealing.js';
export { unopened } from './unopened.js';
export { mustBeReadable, upcasting } from './upcasting.js';
export { type IdentifierKind, keyedLookup, type Lookup } from './lookup.js';
export { follow, type FollowDeps, type Follower, type Following, type FollowOptions } from './follower.js';
export { type ParkedEvent, parkedView } from './parked.js';
export { type DocumentFold, project } from './projection.js';
export { type Publisher, publishing } from './publisher.js';
export { type Consumer, type ConsumeHooks, runConsumer } from './consumer.js';
export { checkAppends, type EventText, refuseReusedId, sameEvent, type StreamText } from './append-limits.js';
export { Bell } from './bell.js';
export { progressText } from './progress-text.js';
export { indexValues, type PageEnd, readPage, toCursor } from './page.js';
export { MemoryEventStore } from './memory/event-store.memory.js';
export { MemoryKeyRing } from './memory/key-ring.memory.js';
export { MemoryTopics } from './memory/topics.memory.js';
export { MemoryViews } from './memory/views.memory.js';
