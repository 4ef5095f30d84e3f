import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { PUBLIC, SCOPES } from './scopes.js';

type Method = (...args: unknown[]) => unknown;

/** Refuses to start when somebody forgot to say who may call a route. */
@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const open = this.discovery.getControllers().flatMap(({ metatype }) => (metatype ? this.#undecided(metatype as new () => object) : []));
    if (open.length > 0) throw new Error(`Say who may call ${open.join(', ')}: @Scopes(...) or @Public().`);
  }

  #undecided(controller: new () => object): string[] {
    const prototype = controller.prototype as Record<string, Method>;
    return new MetadataScanner()
      .getAllMethodNames(prototype)
      .filter((name) => isRoute(prototype[name]) && !this.#decided(prototype[name] as Method, controller))
      .map((name) => `${controller.name}.${name}`);
  }

  #decided(method: Method, controller: new () => object): boolean {
    return [SCOPES, PUBLIC].some((key) => this.reflector.getAllAndOverride<unknown>(key, [method, controller]) !== undefined);
  }
}

const isRoute = (method: Method | undefined): boolean =>
  method !== undefined && (Reflect.hasMetadata(METHOD_METADATA, method) || Reflect.hasMetadata(PATTERN_METADATA, method));
