import type { DynamicModule, Type } from '@nestjs/common';
import type { SecretName } from '../config/secrets.js';
import { settingsOfAll } from '../config/service-config.js';
import { type SettingName, settingNames } from '../config/settings.js';
import type { GrpcContract } from '../grpc/grpc.server.js';

/** One service as a process of its own: what it is made of, and what it must be given. Each service's package declares its own. */
export interface Service {
  /** In logs, and before the instance's own name. */
  readonly name: string;
  /** A sentence for `--help`. */
  readonly does: string;
  readonly modules: readonly (Type<unknown> | DynamicModule)[];
  readonly grpc?: readonly GrpcContract[];
  /** Beyond those that every process reads. */
  readonly settings: readonly SettingName[];
  /** Beyond those that every process reads. A secret that is not named here is never read. */
  readonly secrets: readonly SecretName[];
  /** Whether it proves who a client is, and so is given the secrets of all of them. */
  readonly knowsClients?: boolean;
}

/** Every process opens personal data that is its business, and lets operators in. */
const secretsOfAll: readonly SecretName[] = ['keyEncryptionKey', 'operatorsKey'];

export const settingsOf = ({ settings }: Pick<Service, 'settings'>): readonly SettingName[] => {
  const read = new Set([...settingsOfAll, ...settings]);
  return settingNames.filter((name) => read.has(name));
};

export const secretsOf = ({ secrets }: Pick<Service, 'secrets'>): readonly SecretName[] => [...new Set([...secretsOfAll, ...secrets])];

/** Whether it signs tokens; the others only check them. */
export const signsTokens = (service: Pick<Service, 'secrets'>): boolean => secretsOf(service).includes('tokenKeys');
