export { type Apart, type ApartOptions, startApart } from './apart.js';
export { services } from './services.js';
export { type Instance } from './instance.js';
