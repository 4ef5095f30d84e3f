export { AuthenticationModule } from './authentication.module.js';
export { localTokenKeys } from '@kendt/nest';
