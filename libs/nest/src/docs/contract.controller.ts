import { Controller, Get, Header, HttpCode, Param } from '@nestjs/common';
import { type AsyncApi, asyncApiDocument, type JsonSchema, messageSchema } from '@kendt/contracts';
import { Public } from '../auth/scopes.js';
import { Page } from '../pages/page.decorator.js';
import { notFound } from '../problems/problem.js';
import { ApiExcludeController } from './described.js';
import { topicsPage } from './topics.page.js';

const briefly = 'public, max-age=300';

/** The contract with other systems: a page for people, the AsyncAPI document, and each schema under the name that messages carry. */
@ApiExcludeController()
@Public()
@Controller('docs')
export class ContractController {
  #document: AsyncApi | undefined;

  @Get('topics')
  @Page()
  topics(): string {
    return topicsPage(this.asyncApi());
  }

  @Get('asyncapi.json')
  @HttpCode(200)
  @Header('cache-control', briefly)
  asyncApi(): AsyncApi {
    return (this.#document ??= asyncApiDocument());
  }

  @Get('schemas/:file')
  @HttpCode(200)
  @Header('content-type', 'application/schema+json; charset=utf-8')
  @Header('cache-control', briefly)
  schema(@Param('file') file: string): JsonSchema {
    const schema = file.endsWith('.json') ? messageSchema(file.slice(0, -'.json'.length)) : undefined;
    if (!schema) throw notFound('There is no message of this type');
    return schema;
  }
}
