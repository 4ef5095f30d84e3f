import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export interface ApiTitle {
  readonly title: string;
  readonly version: string;
}

/** The interface as it is in the code, for the page and for the file in the repository. */
export const openApiDocument = (app: NestFastifyApplication, { title, version }: ApiTitle): OpenAPIObject =>
  SwaggerModule.createDocument(app, new DocumentBuilder().setTitle(title).setVersion(version).addBearerAuth().build());

/** Pages of our own beside it, without a script and with the policy of all others: see ContractController. */
const ours = ['/docs/topics', '/docs/asyncapi.json', '/docs/openapi.json', '/docs/service.json', '/docs/schemas/'];

/** The one page with a script, which comes from here; hence a policy of its own. */
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** @param whole the interface of all services, where this process is asked for it; its own part is then at /docs/service.json. */
export const serveDocs = (app: NestFastifyApplication, title: ApiTitle, whole?: OpenAPIObject): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (/^\/docs(\/|$|\?)/.test(request.url) && !ours.some((path) => request.url.startsWith(path))) reply.raw.setHeader('content-security-policy', docsPolicy);
      done();
    });
  const own = (): OpenAPIObject => openApiDocument(app, title);
  if (whole) SwaggerModule.setup('docs/service', app, own, { ui: false, raw: ['json'], jsonDocumentUrl: 'docs/service.json' });
  SwaggerModule.setup('docs', app, whole ? () => whole : own, { raw: ['json'], jsonDocumentUrl: 'docs/openapi.json', customSiteTitle: whole?.info.title ?? title.title });
};
