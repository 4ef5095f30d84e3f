import 'reflect-metadata';
import { adapters } from '@kendt/by-url';
import { runService } from '@kendt/nest';
import { registration } from '@kendt/registration-service';

await runService(registration, adapters);
