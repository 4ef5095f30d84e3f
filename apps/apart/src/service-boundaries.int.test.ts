import { afterEach, describe, expect, it } from '@jest/globals';
import type { View, ViewDefinition, Views } from '@kendt/eventsourcing';
import type { Service } from '@kendt/nest';
import { memoryPorts, startTestService, type TestService } from '@kendt/nest/testing';
import { services } from './services.js';

/** What `libs/nest` keeps for every process; each service sees only what carries its own names in there. */
const ofEveryProcess = /^(checkpoints|leases|idempotency|parked-.*|waiting-.*|empty-dead-letters.*|forget-destroyed-keys.*)@\d+/;

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
    await running.request('/oidc/auth?client_id=x');
    await running.close();
    running = undefined;
    return [...names].filter((name) => !ofEveryProcess.test(name));
  };

  it('read no view of another service', async () => {
    const owners = new Map<string, string[]>();
    for (const service of services) for (const name of await opened(service)) owners.set(name, [...(owners.get(name) ?? []), service.name]);
    expect([...owners.keys()]).toEqual(expect.arrayContaining(['customers@1#1']));
    expect([...owners].filter(([, who]) => who.length > 1)).toEqual([]);
  });
});
