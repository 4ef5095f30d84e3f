import type { Service } from '@kendt/nest';
import { profileGrpc, ProfileModule } from './profile.module.js';

export const profile: Service = {
  name: 'profile',
  does: 'Finds customers and shows what is known of them, purchases with them, and remembers who looked.',
  modules: [ProfileModule],
  grpc: [profileGrpc],
  settings: ['GRPC_PORT', 'TOPICS_URL', 'RETRY_SECONDS'],
  secrets: ['lookupKey', 'answersKey', 'publicTokenKeys'],
};
