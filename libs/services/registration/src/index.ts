export { registrationGrpc, RegistrationModule } from './registration.module.js';
