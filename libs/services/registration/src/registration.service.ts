import type { Service } from '@kendt/nest';
import { registrationGrpc, RegistrationModule } from './registration.module.js';

export const registration: Service = {
  name: 'registration',
  does: 'Takes customers in, keeps their contact data and what they belong to, and writes the first mails.',
  modules: [RegistrationModule],
  grpc: [registrationGrpc],
  settings: ['GRPC_PORT', 'TOPICS_URL', 'MAIL', 'SMTP_URL', 'MAIL_FROM', 'RATE_REGISTER_PER_MINUTE', 'RATE_IDENTIFIER_PER_MINUTE'],
  secrets: ['lookupKey', 'linkKey', 'cookieKey', 'answersKey', 'publicTokenKeys'],
};
