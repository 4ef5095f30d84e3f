export { SqliteEventStore } from './event-store.sqlite.js';
export { SqliteViews, type SqliteViewsOptions } from './views.sqlite.js';
export { type OpenKeyRing, SqliteKeyRing } from './key-ring.sqlite.js';
export { SqliteTopics } from './topics.sqlite.js';
