import type { Installation } from '@kendt/contracts';
import { brand, brandStream, client, clientStream, purpose, purposeStream, system, systemStream } from '@kendt/domain';
import { type CommandContext, type Decision, decision, type EventStore, handle, randomId } from '@kendt/eventsourcing';

/** How many events each kind of thing needed; all zero when the files say what stands already. */
export interface Applied {
  readonly brands: number;
  readonly clients: number;
  readonly purposes: number;
  readonly systems: number;
}

/**
 * Makes the streams say what the files say. Unchanged files append nothing, a changed notice becomes a new version, and
 * what is gone from a file stays as it is: nothing is deleted silently.
 */
export const applyConfigFiles = async (store: EventStore, installation: Installation, at: string): Promise<Applied> => {
  const context = (): CommandContext => ({ commandId: randomId(), actor: { kind: 'system', id: 'config' } });
  const apply = async (decisions: readonly Decision[]): Promise<number> => {
    let events = 0;
    for (const one of decisions) events += (await handle(store, [one], context(), at)).events.length;
    return events;
  };
  return {
    brands: await apply(installation.brands.map((entry) => brandDecision(entry, at))),
    clients: await apply(installation.clients.map((entry) => clientDecision(entry, at))),
    purposes: await apply(installation.purposes.map((entry) => purposeDecision(entry, at))),
    systems: await apply(installation.systems.map((entry) => systemDecision(entry, at))),
  };
};

const brandDecision = ({ id, ...description }: Installation['brands'][number], at: string): Decision =>
  decision(brand, brandStream(id), { type: 'DescribeBrand', at, data: description });

const clientDecision = ({ id, brand: brandId, secret, ...description }: Installation['clients'][number], at: string): Decision =>
  decision(client, clientStream(id), {
    type: 'DescribeClient',
    at,
    data: { ...description, ...(brandId && { brandId }), secret: secret ?? `file:clients/${id}` },
  });

const purposeDecision = ({ id, title, basis, brands, notices }: Installation['purposes'][number], at: string): Decision =>
  decision(
    purpose,
    purposeStream(id),
    { type: 'DefinePurpose', at, data: { title, basis, brands } },
    ...notices.map(({ version, texts }) => ({ type: 'PublishNotice' as const, at, data: { version, texts } })),
  );

const systemDecision = ({ id, name, brands, holds }: Installation['systems'][number], at: string): Decision => {
  const declarations = holds.map(({ what, basis, purposeId }) => ({ what, basis, ...(purposeId && { purposeId }) }));
  const rules = holds.flatMap(({ what, retention }) => (retention ? [{ what, ...retention }] : []));
  return decision(
    system,
    systemStream(id),
    { type: 'RegisterSystem', at, data: { name, brands } },
    { type: 'DeclareData', at, data: { declarations } },
    { type: 'SetRetentionRules', at, data: { rules } },
  );
};
