import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { Service } from '@kendt/nest';

type Controller = new () => object;

const pathOf = (target: object): string[] => [(Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined) ?? ''].flat();

const routesOfController = (controller: Controller): string[] => {
  const prototype = controller.prototype as Record<string, object>;
  const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor').map((name) => prototype[name]!);
  const routed = methods.filter((method) => typeof method === 'function' && Reflect.hasMetadata(METHOD_METADATA, method));
  return pathOf(controller).flatMap((base) => routed.flatMap((method) => pathOf(method).map((path) => `/${[base, path].map((part) => part.replaceAll(/^\/|\/$/g, '')).filter(Boolean).join('/')}`)));
};

/** Paths of every route of a service's own, each parameter filled with something. */
export const pathsOf = ({ modules, grpc = [] }: Service): string[] => {
  const controllers = modules.flatMap((module) => (Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, module) as Controller[] | undefined) ?? []);
  const rest = controllers.flatMap(routesOfController).map((path) => path.replaceAll(/:[A-Za-z]+/g, '3f2a-x'));
  return [...new Set([...rest, ...grpc.map((contract) => `/${contract.package}.Service/Method`)])];
};
