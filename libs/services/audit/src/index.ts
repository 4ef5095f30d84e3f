export { AuditModule } from './audit.module.js';
export { audit } from './audit.service.js';
