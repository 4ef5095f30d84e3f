import { z } from 'zod';
import { Brand, Client, ConfiguredPurpose, ConfiguredSystem, IdentityProvider } from './config.schema.js';
import { line } from './values.schema.js';

const unique = <T extends { id: string }>(list: z.ZodArray<z.ZodType<T>>) =>
  list.superRefine((items, context) => {
    items.forEach(({ id }, index) => {
      if (items.findIndex((other) => other.id === id) !== index) context.addIssue({ code: 'custom', path: [index, 'id'], message: 'is there twice' });
    });
  });

/** The files of `CONFIG_DIR`, by name. */
export const configFiles = {
  'brands.yaml': z.strictObject({ group: z.strictObject({ name: line(100) }), brands: unique(z.array(Brand).min(1)) }),
  'clients.yaml': z.strictObject({ clients: unique(z.array(Client)) }),
  'purposes.yaml': z.strictObject({ purposes: unique(z.array(ConfiguredPurpose)) }),
  'systems.yaml': z.strictObject({ systems: unique(z.array(ConfiguredSystem)) }),
  'identity-providers.yaml': z.strictObject({ identityProviders: unique(z.array(IdentityProvider)) }),
} as const;
export type ConfigFileName = keyof typeof configFiles;

/** A file that may be missing; the others must be there. */
export const optionalConfigFiles: readonly ConfigFileName[] = ['identity-providers.yaml'];

/** All the files together: what an installation is made of. */
export interface Installation {
  readonly group: { readonly name: string };
  readonly brands: readonly Brand[];
  readonly clients: readonly Client[];
  readonly purposes: readonly ConfiguredPurpose[];
  readonly systems: readonly ConfiguredSystem[];
  readonly identityProviders: readonly IdentityProvider[];
}

export interface ConfigMistake {
  readonly file: ConfigFileName;
  readonly pointer: string;
  readonly detail: string;
}

/** What no file can see alone: a brand that is named but not there. Empty when all is well. */
export const crossCheck = (installation: Installation): ConfigMistake[] => {
  const brands = new Set(installation.brands.map(({ id }) => id));
  const missing = (brand: string | undefined): boolean => brand !== undefined && !brands.has(brand);
  const detail = 'is not a brand of brands.yaml';
  return [
    ...installation.clients.flatMap(({ brand }, n) =>
      missing(brand) ? [{ file: 'clients.yaml' as const, pointer: `/clients/${n}/brand`, detail }] : [],
    ),
    ...installation.purposes.flatMap((purpose, n) =>
      purpose.brands.flatMap((brand, m) =>
        missing(brand) ? [{ file: 'purposes.yaml' as const, pointer: `/purposes/${n}/brands/${m}`, detail }] : [],
      ),
    ),
    ...installation.systems.flatMap((system, n) =>
      system.brands.flatMap((brand, m) => (missing(brand) ? [{ file: 'systems.yaml' as const, pointer: `/systems/${n}/brands/${m}`, detail }] : [])),
    ),
  ];
};
