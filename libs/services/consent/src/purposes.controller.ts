import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Language, Notice, Purposes, Slug } from '@kendt/contracts';
import { ApiOkResponse, ApiTags, language, Public } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GetNoticeQuery, GetPurposesQuery } from './purposes.query.js';

const PurposesQuery = z.strictObject({ brand: Slug.optional() });
const NoticePath = z.strictObject({ id: Slug, version: z.coerce.number().int().min(1) });
const NoticeQuery = z.strictObject({ lang: Language.optional() });

/** What a published notice says never changes, so whoever has it may keep it for good. */
const forEver = 'public, max-age=31536000, immutable';

/** Open to everybody: what is asked, and in which words, is no secret. */
@ApiTags('consent')
@Public()
@Controller('v1/purposes')
export class PurposesController {
  constructor(@Inject(QueryBus) private readonly queries: QueryBus) {}

  @Get()
  @ApiOkResponse({ standardSchema: Purposes })
  list(@Query({ schema: PurposesQuery }) { brand }: z.infer<typeof PurposesQuery>): Promise<Purposes> {
    return this.queries.execute(new GetPurposesQuery(brand));
  }

  @Get(':id/notices/:version')
  @ApiOkResponse({ standardSchema: Notice })
  async notice(
    @Param({ schema: NoticePath }) { id, version }: z.infer<typeof NoticePath>,
    @Query({ schema: NoticeQuery }) _query: z.infer<typeof NoticeQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Notice> {
    const notice = await this.queries.execute(new GetNoticeQuery(id, version, language(request)));
    reply.headers({ 'cache-control': forEver, vary: 'accept-language', 'content-language': notice.language });
    return notice;
  }
}
