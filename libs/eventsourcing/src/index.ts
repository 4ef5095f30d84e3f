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
  type DocumentWrite,
  type IndexValue,
  type Page,
  type PageOptions,
  type Personal,
  type PutOptions,
  type ReadView,
  type View,
  ViewConflict,
  type ViewDefinition,
  type Views,
} from './views.port.js';
export {
  type ConsumeControl, type ConsumeOptions, type From, type GroupLag, type OutgoingMessage, type ReadTopic, type TopicDefinition, type TopicMessage,
  type Topics, topicsBusy,
} from './topics.port.js';
export type { Compared, DataKey, KeyRing, KeyWrapper, Tombstone } from './key-ring.port.js';
export { CachedKeyRing, cachedKeys, type DestroyedListener } from './key-ring.cached.js';
export type { KeyCacheOptions } from './key-cache.js';
export { keyEncryptionKeyId, localKeyWrapper, placeOf, wrappedBytes } from './key-wrapper.js';
export { KnownWrappers } from './known-wrappers.js';
export { type CommandContext, deterministicId, eventId, randomId } from './command-context.js';
export { handle, type Handled } from './handle.js';
export { deciding, type Decision, decision, provided } from './decision.js';
export { type Folding, readState, stateOf } from './state.js';
export { remembering, StateCache } from './state-cache.js';
export { type Clock, timestamp } from './clock.js';
export { IntegrityError } from './sealed.js';
export { keysMustFit } from './keys-must-fit.js';
export { historyOf } from './history.js';
export { sealing } from './sealing.js';
export { sealingViews } from './sealing-views.js';
export { SharedTail } from './shared-tail.js';
export { unopened } from './unopened.js';
export { mustBeReadable, upcasting } from './upcasting.js';
export { type IdentifierKind, keyedLookup, type Lookup } from './lookup.js';
export { follow, type FollowDeps, type Follower } from './follower.js';
export type { FollowerLoop, Following, FollowOptions } from './follower.loop.js';
export { Lease, type LeaseDocument, type LeaseOptions, leasesView, type Tenure } from './lease.js';
export { type ParkedEvent, parkedView } from './parked.js';
export { byKey, type DocumentFold, project, type Projection } from './projection.js';
export { Overtaken } from './overtaken.js';
export { type ProjectOptions, runProjection } from './projection.runner.js';
export { openOnce } from './open-once.js';
export { type Comparison, compareViews } from './projection.compare.js';
export { dropView, generationName } from './projection.generations.js';
export { type Rebuild, type RebuildOptions, RunningView, type ViewState } from './view.runner.js';
export { eventsBetween, tipOf } from './tip.js';
export { type Publisher, publishesTo, publishing, type PublishingFollower } from './publisher.js';
export { type Republication, Republishing, type RepublishWish } from './republishing.js';
export { type Consumer, type ConsumerDeps, type ConsumeHooks, defaultRetryDelays, runConsumer } from './consumer.js';
export { type DeadLetter, type DeadLetterDeps, DeadLetters, type LetterChoice } from './dead-letters.js';
export type { Failure, Patience } from './failures.js';
export { deadLetterTopic, retryTopic } from './set-aside.js';
export { type WaitingKey, WaitingKeys } from './waiting-keys.js';
export { checkAppends, type EventText, refuseReusedId, sameEvent, type StreamText } from './append-limits.js';
export { Bell } from './bell.js';
export { progressText } from './progress-text.js';
export { indexValues, type PageEnd, readPage, toCursor } from './page.js';
export { MemoryEventStore } from './memory/event-store.memory.js';
export { MemoryKeyRing } from './memory/key-ring.memory.js';
export { MemoryTopics } from './memory/topics.memory.js';
export { MemoryViews } from './memory/views.memory.js';
