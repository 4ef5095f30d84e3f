// docs/openapi.json: the whole REST interface, asked of the running services (on free ports, in memory).
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { AuditModule } from '@kendt/audit-service';
import { AuthenticationModule } from '@kendt/authentication-service';
import { ConsentModule } from '@kendt/consent-service';
import { ErasureModule } from '@kendt/erasure-service';
import { openApiDocument } from '@kendt/nest';
import { startTestService } from '@kendt/nest/testing';
import { ProfileModule } from '@kendt/profile-service';
import { RegistrationModule } from '@kendt/registration-service';

export const output = 'docs/openapi.json';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export async function generate() {
  const service = await startTestService({ modules: [RegistrationModule, AuthenticationModule, ConsentModule, ProfileModule, ErasureModule, AuditModule] });
  try {
    const document = await openApiDocument(service.app, { title: 'Kendt', version });
    return `${JSON.stringify({ ...document, paths: sorted(document.paths), components: inOrder(document.components) }, undefined, 2)}\n`;
  } finally {
    await service.close();
  }
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Components are found in the order in which modules happen to be loaded. */
const inOrder = (components = {}) => sorted(Object.fromEntries(Object.entries(components).map(([kind, named]) => [kind, sorted(named)])));
