import { join } from 'node:path';

/** The gRPC services: package name → file, relative to {@link protoFolder}. */
const files = {
  'kendt.registration.v1': 'kendt/registration/v1/registration.proto',
  'kendt.profile.v1': 'kendt/profile/v1/profile.proto',
  'kendt.consent.v1': 'kendt/consent/v1/consent.proto',
  'kendt.erasure.v1': 'kendt/erasure/v1/erasure.proto',
} as const;
export type ProtoPackage = keyof typeof files;
export const protoPackages = Object.keys(files) as readonly ProtoPackage[];

/**
 * A folder or file of this package. `src` and `dist` lie equally deep, so the same step up is right for both; where sources
 * run as CommonJS (jest), swc turns `import.meta.dirname` into `__dirname`.
 */
export const packageFile = (path: string): string => join(import.meta.dirname, '..', path);

export const protoFolder = (): string => packageFile('proto');
export const protoFile = (name: ProtoPackage): string => join(protoFolder(), files[name]);

/** How every side reads the files: names in camel case, enums by name, 64 bit as text, what is missing as its default. */
export const protoLoaderOptions = { keepCase: false, longs: String, enums: String, defaults: true, oneofs: true } as const;
