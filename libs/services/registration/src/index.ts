export { registrationGrpc, RegistrationModule } from './registration.module.js';
export { registration } from './registration.service.js';
