import { afterEach, describe, expect, it } from '@jest/globals';
import type { View, ViewDefinition, Views } from '@kendt/eventsourcing';
import type { Service } from '@kendt/nest';
import { memoryPorts, startTestService, type TestService } from '@kendt/nest/testing';
import { services } from './services.js';

/** What `libs/nest` keeps for every process; each service sees only what carries its own names in there. */
const ofEveryProcess = /^(checkpoints|generations|idempotency|leases|parked)@1$/;

const recording = (views: Views, opened: Set<string>): Views => ({
  open: <T extends object>(definition: ViewDefinition<T>): Promise<View<T>> => {
    opened.add(definition.name);
    return views.open(definition);
  },
  names: () => views.names(),
  drop: (name: string) => views.drop(name),
  close: () => views.close(),
});

describe('services that run apart', () => {
  let running: TestService | undefined;
  afterEach(() => running?.close());

  const opened = async ({ modules, grpc }: Service): Promise<string[]> => {
    const names = new Set<string>();
    const ports = memoryPorts();
    running = await startTestService({ modules, ...(grpc && { grpc }), ports: { ...ports, views: recording(ports.views, names) } });
    const redirect = encodeURIComponent(`${running.config.publicUrl}/account`);
    await running.request(`/oidc/auth?client_id=kendt-account&response_type=none&scope=openid&redirect_uri=${redirect}&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`);
    await running.close();
    running = undefined;
    return [...names].filter((name) => !ofEveryProcess.test(name));
  };

  it('read no view of another service', async () => {
    const owners = new Map<string, string[]>();
    for (const service of services) for (const name of await opened(service)) owners.set(name, [...(owners.get(name) ?? []), service.name]);
    expect([...owners.keys()]).toEqual(expect.arrayContaining(['customers@1', 'oidc-interaction@1', 'erasure-cases@3']));
    expect([...owners].filter(([, who]) => who.length > 1)).toEqual([]);
  });
});
