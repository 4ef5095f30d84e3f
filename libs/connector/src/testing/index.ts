export { type CheckedItem, checkConnector, type CheckReport } from './check-connector.js';
export type { CheckOptions, Followed, Given, SystemUnderTest } from './system.js';
