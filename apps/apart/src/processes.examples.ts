import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretFiles, secretsOf, type Service, settingsOf } from '@kendt/nest';
import { install } from './installation.js';
import { services } from './services.js';

export const root = join(import.meta.dirname, '../../..');

export interface Installed {
  readonly folder: string;
  readonly secretsDir: string;
  /** What a process of this service is told: its own settings, and a folder with its own secrets and no others. */
  environmentOf(service: Service, more?: Readonly<Record<string, string>>): Record<string, string>;
}

/** Files for processes that run apart, in a folder of their own. */
export const installed = async (): Promise<Installed> => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-apart-'));
  const secretsDir = join(folder, 'secrets');
  const file = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;
  const configDir = join(root, 'config/demo');
  const places = { EVENT_STORE_URL: file('events'), VIEWS_URL: file('views'), TOPICS_URL: file('topics'), KEYS_URL: file('keys') };
  await install({ secretsDir, configDir }, places, { DATA_DIR: folder });
  const all: Record<string, string> = {
    ...places, CONFIG_DIR: configDir, PUBLIC_URL: 'http://127.0.0.1:9', MAIL: `dir:${join(folder, 'mail')}`, LOG_LEVEL: 'silent', HTTP_PORT: '0', GRPC_PORT: '0', OPERATORS_PORT: '0',
  };
  return {
    folder,
    secretsDir,
    environmentOf: (service, more = {}) => {
      const given = { ...all, SECRETS_DIR: ownSecrets(service, secretsDir, join(folder, `secrets-of-${service.name}`)), ...more };
      return Object.fromEntries(Object.entries(given).filter(([name]) => settingsOf(service).some((setting) => setting === name)));
    },
  };
};

const ownSecrets = (service: Service, from: string, to: string): string => {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const files = [...secretsOf(service).map((name) => secretFiles[name].file), ...(service.knowsClients ? ['clients'] : [])];
  for (const name of files) cpSync(join(from, name), join(to, name), { recursive: true });
  return to;
};

export const serviceCalled = (name: string): Service => {
  const found = services.find((service) => service.name === name);
  if (!found) throw new Error(`There is no service ${name}`);
  return found;
};

