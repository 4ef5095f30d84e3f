export { consentGrpc, ConsentModule } from './consent.module.js';
export { consent } from './consent.service.js';
