export { KurrentEventStore, type KurrentOptions } from './event-store.kurrent.js';
