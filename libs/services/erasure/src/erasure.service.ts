import type { Service } from '@kendt/nest';
import { erasureGrpc } from './erasure.grpc.js';
import { ErasureModule } from './erasure.module.js';

export const erasure: Service = {
  name: 'erasure',
  does: 'Knows which system holds what, erases customers everywhere, and certifies it.',
  modules: [ErasureModule],
  grpc: [erasureGrpc],
  settings: ['GRPC_PORT', 'TOPICS_URL', 'MAIL', 'SMTP_URL', 'MAIL_FROM', 'RETRY_SECONDS'],
  secrets: ['linkKey', 'cookieKey', 'answersKey', 'evidenceKey', 'publicTokenKeys'],
};
