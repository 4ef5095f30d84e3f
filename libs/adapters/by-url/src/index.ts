export { AddressError, openByScheme, type OpenUrl } from './by-scheme.js';
export { type Addresses, adapters, openEventStore, type OpenedPorts } from './adapters.js';
export { type Means } from './openers.js';
