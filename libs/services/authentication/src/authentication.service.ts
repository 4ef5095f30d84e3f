import type { Service } from '@kendt/nest';
import { AuthenticationModule } from './authentication.module.js';

/** The only one that signs tokens and knows the secrets of clients. */
export const authentication: Service = {
  name: 'authentication',
  does: 'Signs customers and clients in (OpenID Connect), and shows customers their own account.',
  modules: [AuthenticationModule],
  settings: ['CONFIG_DIR', 'RATE_LOGIN_PER_MINUTE', 'RATE_IDENTIFIER_PER_MINUTE'],
  secrets: ['lookupKey', 'cookieKey', 'answersKey', 'tokenKeys'],
  knowsClients: true,
};
