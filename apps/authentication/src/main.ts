import 'reflect-metadata';
import { authentication } from '@kendt/authentication-service';
import { adapters } from '@kendt/by-url';
import { runService } from '@kendt/nest';

await runService(authentication, adapters);
