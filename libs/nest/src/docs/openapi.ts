import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { swagger } from './described.js';

export interface ApiTitle {
  readonly title: string;
  readonly version: string;
}

/** The interface as it is in the code, for the page and for the file in the repository. */
export const openApiDocument = async (app: NestFastifyApplication, { title, version }: ApiTitle): Promise<OpenAPIObject> => {
  const { DocumentBuilder, SwaggerModule } = await swagger();
  return SwaggerModule.createDocument(app, new DocumentBuilder().setTitle(title).setVersion(version).addBearerAuth().build());
};

/** The one page with a script, which comes from here; hence a policy of its own. Pages of our own beside it have that of all others: see ContractController. */
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Nothing of it is made before somebody asks.
 * @param whole the interface of all services, where this process is asked for it; its own part is then at /docs/service.json.
 */
export const serveDocs = (app: NestFastifyApplication, title: ApiTitle, whole?: OpenAPIObject): void => {
  let made: Promise<NestFastifyApplication> | undefined;
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    made ??= docsOf(app, title, whole).catch((error: unknown) => {
      made = undefined; // tried again by whoever asks next
      throw error;
    });
    const docs = await made;
    const { statusCode, headers, rawPayload } = await docs.inject({ method: 'GET', url: request.url, headers: request.headers });
    if (statusCode === 404) {
      reply.callNotFound();
      return reply;
    }
    if (!isDocument(request.url)) reply.header('content-security-policy', docsPolicy);
    for (const name of ofTheConnection) delete headers[name];
    return reply.code(statusCode).headers(headers).send(rawPayload);
  };
  for (const path of ['/docs', '/docs/*']) app.getHttpAdapter().getInstance().get(path, answer);
};

const ofTheConnection = ['connection', 'date', 'keep-alive', 'transfer-encoding', 'content-length'];

const isDocument = (url: string): boolean => ['/docs/openapi.json', '/docs/service.json'].some((path) => url.startsWith(path));

@Module({})
class Docs {}

/** The page, its files and the documents, as an application that listens nowhere. */
const docsOf = async (app: NestFastifyApplication, title: ApiTitle, whole?: OpenAPIObject): Promise<NestFastifyApplication> => {
  const { SwaggerModule } = await swagger();
  const own = await openApiDocument(app, title);
  const docs = await NestFactory.create<NestFastifyApplication>(Docs, new FastifyAdapter(), { abortOnError: false }); // with a logger, all of Nest would have it
  if (whole) SwaggerModule.setup('docs/service', docs, own, { ui: false, raw: ['json'], jsonDocumentUrl: 'docs/service.json' });
  SwaggerModule.setup('docs', docs, whole ?? own, { raw: ['json'], jsonDocumentUrl: 'docs/openapi.json', customSiteTitle: whole?.info.title ?? title.title });
  await docs.init();
  await docs.getHttpAdapter().getInstance().ready();
  return docs;
};
