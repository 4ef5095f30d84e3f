import { join } from 'node:path';
import type { Standalone } from './standalone.js';

/** A short table of what is where, and the one next command to try. */
export const banner = ({ kendt, config }: Standalone): string => {
  const { httpUrl, grpcUrl, operatorsUrl } = kendt;
  const rows: [string, string][] = [
    ['Account and login', `${httpUrl}/account`],
    ...(config.mail.kind === 'dir' ? ([['Mailbox (development)', `${httpUrl}/mailbox`]] as [string, string][]) : []),
    ['API documents', `${httpUrl}/docs`],
    ['Topics, described', `${httpUrl}/docs/topics`],
    ['OpenID Connect', `${httpUrl}/.well-known/openid-configuration`],
    ['gRPC', grpcUrl],
    ['Health and metrics', `${operatorsUrl}/health/ready`],
    ['Demo secrets', join(config.secretsDir, 'clients')],
    ...(config.logFile ? ([['Log', config.logFile]] as [string, string][]) : []),
  ];
  const table = rows.map(([what, where]) => `  ${what.padEnd(23)}${where}`).join('\n');
  return `\nKendt is ready (${Math.round(performance.now())} ms).\n\n${table}\n\nNext, in another terminal:  npm run demo${config.dataDir === 'data' ? '' : ` -- --data ${config.dataDir}`}\nCtrl-C stops it.\n\n`;
};
