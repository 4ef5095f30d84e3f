import 'reflect-metadata';
import { join } from 'node:path';
import { adapters } from '@kendt/by-url';
import { runService } from '@kendt/nest';
import { registration } from '@kendt/registration-service';

// The gateway brings /docs here.
await runService(registration, adapters, { wholeApi: join(import.meta.dirname, '../../../docs/openapi.json') });
