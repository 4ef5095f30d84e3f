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
const ours = ['/docs/topics', '/docs/asyncapi.json', '/docs/schemas/'];

/** The one page with a script, which comes from here; hence a policy of its own. */
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export const serveDocs = (app: NestFastifyApplication, title: ApiTitle): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (/^\/docs(\/|$|\?)/.test(request.url) && !ours.some((path) => request.url.startsWith(path))) reply.raw.setHeader('content-security-policy', docsPolicy);
      done();
    });
  SwaggerModule.setup('docs', app, () => openApiDocument(app, title), { raw: ['json'], customSiteTitle: title.title });
};
