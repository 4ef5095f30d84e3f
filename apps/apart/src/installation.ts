import { resolve } from 'node:path';
import { adapters } from '@kendt/by-url';
import { topicContracts } from '@kendt/contracts';
import { applyConfigFiles, currentEvents, meansOf, readConfig, readConfigFiles, readSecrets } from '@kendt/nest';

export interface InstallationFolders {
  readonly configDir: string;
  readonly secretsDir: string;
}

/** Once for all processes: secrets, what the configuration files say, and the topics that follow from it. */
export const install = async (folders: InstallationFolders, places: Readonly<Record<string, string>>, env: Readonly<Record<string, string | undefined>>): Promise<void> => {
  const config = readConfig({ ...env, ...places, CONFIG_DIR: folders.configDir, SECRETS_DIR: resolve(folders.secretsDir) });
  const installation = await readConfigFiles(config.configDir);
  const secrets = await readSecrets(config, { generate: true, clientIds: installation.clients.map(({ id }) => id) });
  const ports = await adapters.open(config, meansOf({ config, secrets }, env));
  try {
    await applyConfigFiles(currentEvents(ports), installation, new Date().toISOString());
    await ports.topics.ensure(topicContracts({ brands: installation.brands.map(({ id }) => id), systems: installation.systems.map(({ id }) => id) }));
  } finally {
    for (const port of [ports.events, ports.topics, ports.views, ports.keys]) await port.close();
  }
};
