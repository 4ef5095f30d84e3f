export { type Apart, type ApartOptions, startApart } from './apart.js';
export { type Engines, startEngines } from './places.js';
export { services } from './services.js';
export { type Instance } from './instance.js';
