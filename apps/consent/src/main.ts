import 'reflect-metadata';
import { adapters } from '@kendt/by-url';
import { consent } from '@kendt/consent-service';
import { runService } from '@kendt/nest';

await runService(consent, adapters);
