import type { Service } from '@kendt/nest';
import { consentGrpc, ConsentModule } from './consent.module.js';

export const consent: Service = {
  name: 'consent',
  does: 'Says what may be asked and what was answered, and tells who follows it.',
  modules: [ConsentModule],
  grpc: [consentGrpc],
  settings: ['GRPC_PORT', 'TOPICS_URL'],
  secrets: ['answersKey', 'publicTokenKeys'],
};
