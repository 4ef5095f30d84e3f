import 'reflect-metadata';
import { adapters } from '@kendt/by-url';
import { runService } from '@kendt/nest';
import { profile } from '@kendt/profile-service';

await runService(profile, adapters);
