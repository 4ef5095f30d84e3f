import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryTopics } from '@kendt/eventsourcing';
import { memoryPorts, startTestService, tally, type TestService, ToldTalliesModule } from '../testing/index.js';
import type { Ports } from '../tokens.js';
import { Followers } from './followers.js';

interface Ready {
  readonly status: string;
  readonly parts: readonly { readonly name: string; readonly ok: boolean; readonly needed: boolean; readonly detail?: string }[];
}

describe('what one process at a time may do', () => {
  let ports: Ports;
  let away: boolean;
  let services: TestService[];
  beforeEach(async () => {
    away = false;
    services = [];
    const topics = new MemoryTopics();
    const publish = topics.publish.bind(topics);
    topics.publish = async (messages) => {
      if (away) throw new Error('The broker is away');
      await publish(messages);
    };
    ports = { ...memoryPorts(), topics };
    for (const port of [ports.events, ports.views, topics]) port.close = async () => undefined; // they stay open for the other
  });
  afterEach(async () => {
    for (const service of services) await service.close();
  });

  const start = async (instance: string): Promise<TestService> => {
    const service = await startTestService({ modules: [ToldTalliesModule], instance, ports });
    services.push(service);
    return service;
  };
  const ready = async ({ operatorsUrl }: TestService): Promise<[number, Ready]> => {
    const response = await fetch(`${operatorsUrl}/health/ready`);
    return [response.status, (await response.json()) as Ready];
  };
  const part = async (service: TestService, name: string) => (await ready(service))[1].parts.find((each) => each.name === name);
  const until = async (service: TestService, name: string, detail: string | undefined): Promise<void> => {
    while ((await part(service, name))?.detail !== detail) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const ask = async (service: TestService, path: string, body: object) => {
    const response = await fetch(`${service.operatorsUrl}/operators/${path}`, { method: 'POST', headers: { authorization: `Bearer ${service.secrets.operatorsKey}` }, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, unknown>;
  };
  const metric = async ({ operatorsUrl }: TestService, name: string): Promise<string | undefined> =>
    (await (await fetch(`${operatorsUrl}/metrics`)).text()).split('\n').find((line) => line.startsWith(`${name}{`) && /"(publish-)?tallies"/.test(line));

  it('is done by one and taken over by the other when it stops; standing by is no fault, and says so', async () => {
    const a = await start('a');
    await until(a, 'lease tallies', 'held here');
    const b = await start('b');
    await until(b, 'follower publish-tallies', 'stands by');
    expect(await part(b, 'lease tallies')).toMatchObject({ ok: true, needed: false, detail: 'stands by; held by a' });
    expect([(await ready(a))[1].status, (await ready(b))[1].status]).toEqual(['ready', 'ready']);
    expect([await metric(a, 'kendt_lease_held'), await metric(b, 'kendt_lease_held')]).toEqual(['kendt_lease_held{name="tallies"} 1', 'kendt_lease_held{name="tallies"} 0']);
    expect(await ask(b, 'parked/retry', { follower: 'publish-tallies' })).toMatchObject({ status: 409, code: 'FOLLOWER_STANDS_BY' });
    await a.close();
    await until(b, 'lease tallies', 'held here');
    const position = await tally(ports.events, 'one', 'good');
    expect(await b.app.get(Followers).waitFor('publish-tallies', position)).toBe(true);
  });

  it('may be late while the broker is away: degraded, not dead, and on its way again by itself', async () => {
    const a = await start('a');
    await until(a, 'follower publish-tallies', undefined);
    away = true;
    const position = await tally(ports.events, 'one', 'good');
    const inAMinute = (seconds: number): number => a.app.get(Followers).running().find(({ name }) => name === 'publish-tallies')!.lagSeconds(new Date(Date.now() + seconds * 1000));
    while (inAMinute(60) < 60) await new Promise((resolve) => setTimeout(resolve, 5));
    away = false;
    expect(await a.app.get(Followers).waitFor('publish-tallies', position, 10_000)).toBe(true);
    expect(inAMinute(60)).toBe(0);
  });

  it('sets aside a customer whose event has no public word, with the reason, and others go on', async () => {
    const a = await start('a');
    await until(a, 'follower publish-tallies', undefined);
    await tally(ports.events, 'ida', 'secret', 'good');
    await a.app.get(Followers).waitFor('publish-tallies', await tally(ports.events, 'bo', 'good'));
    expect(await part(a, 'follower publish-tallies')).toMatchObject({ ok: true, detail: '2 parked' });
    const parked = await fetch(`${a.operatorsUrl}/operators/parked`, { headers: { authorization: `Bearer ${a.secrets.operatorsKey}` } });
    expect(((await parked.json()) as { parked: unknown[] }).parked).toMatchObject([
      { follower: 'publish-tallies', key: 'ida', type: 'secret', reason: 'MESSAGE_INVALID' },
      { follower: 'publish-tallies', key: 'ida', type: 'good', reason: 'WAITS_BEHIND' },
    ]);
    expect(await metric(a, 'kendt_follower_parked_events')).toBe('kendt_follower_parked_events{name="publish-tallies"} 2');
  });
});
