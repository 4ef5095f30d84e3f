import type * as Swagger from '@nestjs/swagger';

type Name =
  | 'ApiAcceptedResponse'
  | 'ApiBearerAuth'
  | 'ApiCreatedResponse'
  | 'ApiExcludeController'
  | 'ApiExcludeEndpoint'
  | 'ApiNoContentResponse'
  | 'ApiOkResponse'
  | 'ApiOperation'
  | 'ApiParam'
  | 'ApiResponse'
  | 'ApiTags';

/** In the order in which classes were decorated. */
const waiting: ((swagger: typeof Swagger) => void)[] = [];

/** Swagger's decorator of that name, but nothing of it is loaded yet. */
const later =
  <N extends Name>(name: N) =>
  (...options: Parameters<(typeof Swagger)[N]>): ClassDecorator & MethodDecorator =>
  (...target: unknown[]): void => {
    waiting.push((swagger) => (swagger[name] as (...options: unknown[]) => (...target: unknown[]) => void)(...options)(...target));
  };

export const ApiAcceptedResponse = later('ApiAcceptedResponse');
export const ApiBearerAuth = later('ApiBearerAuth');
export const ApiCreatedResponse = later('ApiCreatedResponse');
export const ApiExcludeController = later('ApiExcludeController');
export const ApiExcludeEndpoint = later('ApiExcludeEndpoint');
export const ApiNoContentResponse = later('ApiNoContentResponse');
export const ApiOkResponse = later('ApiOkResponse');
export const ApiOperation = later('ApiOperation');
export const ApiParam = later('ApiParam');
export const ApiResponse = later('ApiResponse');
export const ApiTags = later('ApiTags');

/** What makes documents, once everything that was said of routes has been told to it. It is a fifth of all files that a service could load. */
export const swagger = async (): Promise<typeof Swagger> => {
  const loaded = await import('@nestjs/swagger');
  for (const tell of waiting.splice(0)) tell(loaded);
  return loaded;
};
