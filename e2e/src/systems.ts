import { join } from 'node:path';
import { type Program, startProgram } from './program.js';
import { workspaceFile } from './workspace.js';

/** The CRM and the ERP of the group: processes of their own, written with the connector SDK. */
export interface Systems {
  readonly crm: Program;
  readonly erp: Program;
  /** Where the ERP takes invoices. */
  readonly erpUrl: string;
  stop(): Promise<void>;
}

interface Said {
  readonly kind: string;
  readonly url?: string;
}

export const said = (line: string): Said & Record<string, unknown> => {
  try {
    return JSON.parse(line) as Said & Record<string, unknown>;
  } catch {
    return { kind: 'text' };
  }
};

/** `topicsOf`: where each finds the topics, and with which login. */
export const startSystems = async (topicsOf: string | ((system: string) => string), folder: string): Promise<Systems> => {
  const start = (name: string, more: readonly string[]): Program =>
    startProgram(name, workspaceFile(`examples/${name}/dist/main.js`), ['--topics', typeof topicsOf === 'string' ? topicsOf : topicsOf(name), '--dir', join(folder, name), '--port', '0', '--json', ...more]);
  const crm = start('crm', []);
  const erp = start('erp', []);
  const ready = (program: Program): Promise<string> => program.line((line) => said(line).kind === 'ready');
  const [, erpReady] = await Promise.all([ready(crm), ready(erp)]);
  return { crm, erp, erpUrl: said(erpReady).url ?? '', stop: async () => void (await Promise.all([crm.stop(), erp.stop()])) };
};
