import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './apart.ground.js';

interface Comparison {
  readonly documents: number;
  readonly differences: number;
}

interface ListedView {
  readonly name: string;
  readonly state: string;
  readonly rebuild?: { readonly state: string; readonly endedAt?: string; readonly comparison?: Comparison };
}

type Ask = <T>(path: string, body?: object) => Promise<T>;

const builtWithinMs = 60_000;

interface CheckedViews {
  readonly complaints: string[];
  readonly documents: number;
}

/** Every view is built anew from the streams, and compared with the one that is read; all services at once. */
export const checkViews = async (ground: Ground): Promise<CheckedViews> => {
  const checked = await Promise.all(askersOf(ground).map(viewsOf));
  return { complaints: checked.flatMap(({ complaints }) => complaints), documents: checked.reduce((sum, { documents }) => sum + documents, 0) };
};

const viewsOf = async (ask: Ask): Promise<CheckedViews> => {
  const complaints: string[] = [];
  let documents = 0;
  const { views } = await ask<{ views: ListedView[] }>('views');
  for (const { name } of views.filter(({ state }) => state === 'active')) {
    const compared = await rebuilt(ask, name.split('#')[0]!);
    documents += compared?.documents ?? 0;
    if (!compared) complaints.push(`${name} could not be built anew`);
    else if (compared.differences > 0) complaints.push(`${name}: ${compared.differences} of ${compared.documents} documents are not what the streams say`);
  }
  return { complaints, documents };
};

/** Of one process of each service: what is parked lies in one place for all. */
const askersOf = ({ apart: { instances }, secret }: Ground): Ask[] =>
  instances.filter(({ name }) => name.endsWith('-1')).map(({ operatorsUrl }) => async (path, body) => {
    const headers = { authorization: `Bearer ${secret('operators-key')}`, 'content-type': 'application/json' };
    const response = await fetch(`${operatorsUrl}/operators/${path}`, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`An operator was answered with ${response.status} at ${path}: ${await response.text()}`);
    return (await response.json()) as never;
  });

/** The build is only looked at, and goes again: the other process of the service reads the old one. */
const rebuilt = async (ask: Ask, name: string): Promise<Comparison | undefined> => {
  const { name: build } = await ask<{ name: string }>('views/rebuild', { name, unlessDifferent: true });
  for (const until = Date.now() + builtWithinMs; Date.now() < until; await sleep(50)) {
    const { views } = await ask<{ views: ListedView[] }>('views');
    const found = views.find((view) => view.name === build);
    if (found?.rebuild?.endedAt !== undefined) return found.rebuild.comparison;
  }
  return undefined;
};

export const checkParked = async (ground: Ground): Promise<string[]> => {
  const [ask] = askersOf(ground);
  const { parked } = await ask!<{ parked: { readonly follower?: string; readonly code?: string }[] }>('parked');
  return parked.length > 0 ? [`${parked.length} events are parked, the first by ${JSON.stringify(parked[0])}`] : [];
};
