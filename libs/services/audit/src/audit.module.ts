import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditStreams } from './audit-streams.projection.js';
import { Replays } from './replays.js';

/** Replays what happened, and gives the keys that evidence verifies with. */
@Module({ controllers: [AuditController], providers: [AuditStreams, Replays] })
export class AuditModule {}
