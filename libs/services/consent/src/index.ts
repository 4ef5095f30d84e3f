export { consentGrpc, ConsentModule } from './consent.module.js';
