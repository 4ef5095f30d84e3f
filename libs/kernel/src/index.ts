export { type AnyEvent, type Command, type DataGroup, dataGroups, erased, type Erased, type Event, isErased } from './message.js';
export { type Decider, fold } from './decider.js';
export { Refusal, type RefusalKind } from './refusal.js';
export { unreachable } from './unreachable.js';
export { type Upcast, upcast, type Upcasters } from './upcast.js';
