import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/scopes.js';
import { ApiExcludeController } from '../docs/described.js';
import { Health, type Readiness } from './health.js';

@ApiExcludeController()
@Public()
@Controller('health')
export class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  /** The process answers. Says nothing about what it depends on: a restart would not mend that. */
  @Get('live')
  @Header('cache-control', 'no-store')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** For a gateway, and so for anybody: which part is missing, and whose process holds what, is said on the operators' port. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Pick<Readiness, 'status'>> {
    const { status } = await this.health.readiness();
    if (status === 'not-ready') reply.code(503);
    return { status };
  }
}
