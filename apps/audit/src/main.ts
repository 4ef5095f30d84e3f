import 'reflect-metadata';
import { audit } from '@kendt/audit-service';
import { adapters } from '@kendt/by-url';
import { runService } from '@kendt/nest';

await runService(audit, adapters);
