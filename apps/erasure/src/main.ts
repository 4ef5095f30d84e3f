import 'reflect-metadata';
import { adapters } from '@kendt/by-url';
import { erasure } from '@kendt/erasure-service';
import { runService } from '@kendt/nest';

await runService(erasure, adapters);
