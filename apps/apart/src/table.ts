import type { Apart } from './apart.js';
import type { Instance, InstanceState } from './instance.js';

export interface Row {
  readonly name: string;
  readonly pid: string;
  readonly state: InstanceState | 'running';
  readonly where: string;
  readonly note: string;
}

const rowOf = async (instance: Instance): Promise<Row> => ({
  name: instance.name,
  pid: String(instance.pid ?? '-'),
  state: await instance.state(),
  where: `http ${instance.httpAddress}  operators ${instance.operatorsUrl.slice('http://'.length)}`,
  note: instance.restarts > 0 ? `started again ${instance.restarts} times` : `ready in ${Math.round(instance.readyInMs ?? 0)} ms`,
});

export const rowsOf = async ({ instances, started, gateway, url }: Pick<Apart, 'instances' | 'started' | 'gateway' | 'url'>): Promise<Row[]> => [
  ...started.map(({ name, where }) => ({ name, pid: '', state: 'running' as const, where, note: '' })),
  { name: 'gateway', pid: String(gateway.pid), state: 'running', where: url, note: '' },
  ...(await Promise.all(instances.map(rowOf))),
];

export const tableOf = (rows: readonly Row[]): string => {
  const shown = [{ name: 'PROCESS', pid: 'PID', state: 'STATE', where: 'WHERE', note: '' }, ...rows];
  const width = (column: 'name' | 'pid' | 'state' | 'where'): number => Math.max(...shown.map((row) => row[column].length)) + 2;
  return shown.map((row) => `  ${row.name.padEnd(width('name'))}${row.pid.padEnd(width('pid'))}${row.state.padEnd(width('state'))}${row.where.padEnd(width('where'))}${row.note}`.trimEnd()).join('\n');
};
