import type { Service } from '@kendt/nest';
import { AuditModule } from './audit.module.js';

export const audit: Service = {
  name: 'audit',
  does: 'Replays what happened, and gives the keys that evidence verifies with.',
  modules: [AuditModule],
  settings: [],
  secrets: ['publicEvidenceKey', 'publicTokenKeys'],
};
