export { AddressError, openByScheme, type OpenUrl } from './by-scheme.js';
export { type Addresses, adapters, openEventStore, type OpenedPorts, openTopics } from './adapters.js';
export { type Means } from './openers.js';
