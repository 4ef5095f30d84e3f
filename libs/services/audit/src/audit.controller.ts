import { Readable } from 'node:stream';
import { Controller, Get, Inject, Query, Req, StreamableFile } from '@nestjs/common';
import { AuditEvent, AuditQuery, EvidenceKey, EvidenceKeys, ndjson } from '@kendt/contracts';
import { After, ApiOkResponse, type Caller, commandContext, CurrentCaller, Followers, Public, Scopes, type Secrets, SECRETS } from '@kendt/nest';
import type { FastifyRequest } from 'fastify';
import { streamsName } from './audit-streams.projection.js';
import { Replays } from './replays.js';

@Controller('v1/audit')
export class AuditController {
  constructor(
    @Inject(Replays) private readonly replays: Replays,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** One event per line, in order, as it is read: a long history needs no more memory than a short one. */
  @Get('events')
  @Scopes('audit:read')
  @ApiOkResponse({ standardSchema: AuditEvent, description: 'NDJSON: one of these per line' })
  async events(
    @Query({ schema: AuditQuery }) query: AuditQuery, @CurrentCaller() caller: Caller, @Req() request: FastifyRequest, @After() after: string | undefined,
  ): Promise<StreamableFile> {
    await this.followers.caughtUpWith(streamsName, after);
    const events = await this.replays.open(query, caller, commandContext(caller, request));
    return new StreamableFile(Readable.from(lines(events)), { type: ndjson });
  }

  /** What certificates verify with (RFC 7517). */
  @Get('keys')
  @Public()
  @ApiOkResponse({ standardSchema: EvidenceKeys })
  keys(): EvidenceKeys {
    return EvidenceKeys.parse({ keys: [EvidenceKey.parse(this.secrets.publicEvidenceKey)] });
  }
}

async function* lines(events: AsyncIterable<AuditEvent>): AsyncIterable<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}
