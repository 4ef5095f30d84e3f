import { createHash } from 'node:crypto';
import { Controller, Get, Header, HttpCode, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/scopes.js';
import { ApiExcludeController } from '../docs/described.js';
import { styleSheet } from './style-sheet.js';

const etag = `"${createHash('sha256').update(styleSheet).digest('base64url').slice(0, 16)}"`;

@ApiExcludeController()
@Public()
@Controller('assets')
export class AssetsController {
  @Get('kendt.css')
  @HttpCode(200)
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', 'public, max-age=300')
  @Header('etag', etag)
  styleSheet(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    if (request.headers['if-none-match'] !== etag) return styleSheet;
    reply.code(304);
    return '';
  }
}
