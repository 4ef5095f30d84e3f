export { AuthenticationModule } from './authentication.module.js';
export { authentication } from './authentication.service.js';
